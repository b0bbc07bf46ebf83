"""Synthesis from patches of a key."""

import cv2
import numpy as np
import pytest

from v2v_studio.renderers.embedded.synthesis import Synthesis, Task, halved
from v2v_studio.warping import grid

RNG = np.random.default_rng(0)


def noise(height, width):
    return cv2.GaussianBlur(RNG.uniform(0, 255, (height, width, 3)).astype(np.float32), (0, 0), 1)


def task(source, draft, place, band, hole=0.0, price=None, previous=None):
    none = np.zeros(band.shape, np.float32)
    return Task(
        source, draft, previous, place, none + 1, band, none + np.float32(hole), none if price is None else price
    )


@pytest.mark.parametrize("size", [(40, 50), (41, 51), (8, 9)], ids=["even", "odd", "one level"])
def test_a_hole_in_the_key_itself_is_filled_with_the_key(size):
    source, styled = noise(*size), noise(*size)
    band = np.zeros(size, bool)
    band[2:-2, 3:-3] = True
    draft = np.where(band[..., None], np.float32(0), styled)
    out, _ = Synthesis(source, styled)(task(source, draft, grid(*size).copy(), band), 0)
    assert np.abs(out - styled).max() < 0.01  # a mean of 25 equal float32 values


def test_a_wrong_place_is_corrected_by_what_the_footage_shows():
    source, styled = noise(40, 60), noise(40, 60)
    band = np.zeros((40, 60), bool)
    band[10:30, 20:40] = True
    place = grid(40, 60) + np.where(band[..., None], np.float32([6, 0]), np.float32(0))
    draft = np.where(band[..., None], np.roll(styled, -6, 1), styled)
    out, _ = Synthesis(source, styled)(task(source, draft, place.astype(np.float32), band), 0)
    assert np.abs(out - styled)[14:26, 24:36].mean() < 0.2 * np.abs(draft - styled)[14:26, 24:36].mean()


def test_patches_that_come_back_to_the_tracked_place_have_not_strayed():
    source = noise(40, 60)
    band = np.zeros((40, 60), bool)
    band[10:30, 20:40] = True
    _, strayed = Synthesis(source, source)(task(source, source, grid(40, 60).copy(), band), 0)
    assert not strayed[12:28, 22:38].any()


def test_outside_the_band_the_draft_stays():
    source, draft = noise(30, 30), noise(30, 30)
    band = np.zeros((30, 30), bool)
    band[10:20, 10:20] = True
    out, _ = Synthesis(source, noise(30, 30))(task(source, draft, grid(30, 30).copy(), band), 0)
    assert np.array_equal(out[~band], draft[~band])


def test_halving_takes_the_mean_of_four_and_continues_an_odd_side():
    image = np.arange(15, dtype=np.float32).reshape(3, 5)
    assert halved(image).tolist() == [[3, 5, 6.5], [10.5, 12.5, 14]]
