"""Strokes laid after a frame: made of the style alone, in the frame's tones."""

import numpy as np

from tests.translators.style_pictures import hatching
from v2v_studio.translators.palette import to_lab
from v2v_studio.translators.reference.texture import guides, laid

STYLE = to_lab(hatching(96, 128))
ALL = np.ones(STYLE.shape[:2], np.float32)


def tones(left, right, h=64, w=80):
    """A paper-coloured frame, its halves of two lightnesses."""
    frame = np.zeros((h, w, 3), np.float32)
    frame[:, : w // 2, 0], frame[:, w // 2 :, 0] = left, right
    frame[..., 2] = 15
    return frame


def test_dark_half_is_hatched_more_than_the_light_one():
    strokes = laid(tones(90, 35), STYLE, ALL, seed=0)[..., 0]
    assert strokes[:, :32].mean() > strokes[:, 48:].mean() + 20
    assert strokes[:, 44:].std() > 2 * strokes[:, :36].std()


def test_strokes_have_the_colours_of_the_style_alone():
    strokes = laid(tones(90, 35), STYLE, ALL, seed=0).reshape(-1, 3)
    assert (strokes.min(0) >= STYLE.reshape(-1, 3).min(0) - 0.01).all()
    assert (strokes.max(0) <= STYLE.reshape(-1, 3).max(0) + 0.01).all()


def test_nothing_is_taken_from_where_the_style_is_transparent():
    style, cover = STYLE.copy(), ALL.copy()
    style[:, 64:, 1], cover[:, 64:] = 90, 0  # a red that nobody should see
    assert laid(tones(90, 35), style, cover, seed=0)[..., 1].max() < 40


def test_another_seed_is_another_hand():
    one, other = (laid(tones(90, 35), STYLE, ALL, seed) for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_guides_tell_upright_edges_from_level_ones():
    upright, level = tones(90, 35, 80, 80), tones(90, 35, 80, 80).transpose(1, 0, 2).copy()
    assert guides(upright, 2)[40, 40, 3] < 0 < guides(level, 2)[40, 40, 3]
