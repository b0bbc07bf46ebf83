"""A style's palette over a frame: forms stay, and colours go where colours like them are."""

import numpy as np

from v2v_studio.translators.palette import from_lab, palette_distance, to_lab
from v2v_studio.translators.reference.colour import recoloured


def split(share, above, below, h=60, w=80):
    """Two plain colours with a little grain, the upper one taking `share` of the height."""
    picture = np.empty((3, h, w))
    at = round(h * share)
    picture[:, :at], picture[:, at:] = np.array(above)[:, None, None], np.array(below)[:, None, None]
    return np.clip(picture + 0.02 * np.random.default_rng(0).normal(size=picture.shape), 0, 1).astype(np.float32)


def recolour(frame, style, cover=None):
    cover = np.ones(style.shape[1:], np.float32) if cover is None else cover
    return recoloured(to_lab(frame), to_lab(style), cover, seed=0)


SKY_AND_SKIN = split(0.75, (0.55, 0.70, 0.95), (0.85, 0.62, 0.50))
BLUE_AND_ORANGE = split(0.25, (0.20, 0.30, 0.80), (0.90, 0.50, 0.15))


def test_sky_does_not_take_the_colour_of_skin_though_the_style_is_mostly_warm():
    result = recolour(SKY_AND_SKIN, BLUE_AND_ORANGE)
    assert (result[:42, :, 2] < 0).mean() > 0.95
    assert (result[48:, :, 2] > 0).mean() > 0.95


def test_result_has_the_style_s_palette():
    style = split(0.75, (0.20, 0.30, 0.80), (0.90, 0.50, 0.15))
    before, after = (
        palette_distance(SKY_AND_SKIN, style),
        palette_distance(from_lab(recolour(SKY_AND_SKIN, style)), style),
    )
    assert after < 0.4 * before


def test_what_was_lighter_stays_lighter():
    ramp = np.broadcast_to(np.linspace(0, 1, 80, dtype=np.float32), (3, 60, 80)).copy()
    lightness = recolour(ramp, BLUE_AND_ORANGE)[..., 0]
    assert np.diff(lightness, axis=1).min() >= 0


def test_a_grey_style_takes_the_colour_away():
    grey = np.repeat(BLUE_AND_ORANGE.mean(0, keepdims=True), 3, axis=0)
    assert np.abs(recolour(SKY_AND_SKIN, grey)[..., 1:]).mean() < 3  # delta E, just seen beside a true grey


def test_transparent_parts_of_the_style_do_not_count():
    cover = np.zeros((60, 80), np.float32)
    cover[:15] = 1  # the blue part alone
    assert (recolour(SKY_AND_SKIN, BLUE_AND_ORANGE, cover)[..., 2] < 0).mean() > 0.95


def test_grain_is_not_carried_apart():
    flat = split(0.5, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    result = recolour(flat, BLUE_AND_ORANGE)
    # chroma between neighbours, beside the source's own
    assert np.abs(np.diff(result[..., 1:], axis=1)).mean() < 2 * np.abs(np.diff(to_lab(flat)[..., 1:], axis=1)).mean()
