"""Noise and paper: one sheet for every size, moderate in strength, made by the seed alone."""

import cv2
import numpy as np
import pytest

from v2v_studio.translators.filters import surface
from v2v_studio.translators.filters.drawing import hatching


def plane(h, w):
    return np.zeros((h, w), np.float32)


@pytest.mark.parametrize("feature", [8, 16, 40])
def test_noise_at_two_sizes_shows_the_same_blobs(feature):
    large = surface.noise(plane(480, 640), feature, seed=1)
    small = surface.noise(plane(240, 320), feature, seed=1)
    shrunk = cv2.resize(large, (320, 240), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.97


def test_a_wider_picture_has_the_same_noise_and_more_to_the_right():
    narrow, wide = surface.noise(plane(120, 160), 8, 1), surface.noise(plane(120, 300), 8, 1)
    assert np.array_equal(narrow, wide[:, :160])


def test_another_seed_is_other_noise():
    one, other = (surface.noise(plane(120, 160), 8, seed) for seed in (1, 2))
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.2


def test_noise_and_paper_have_mean_0_and_a_deviation_near_1():
    for made in (surface.noise(plane(480, 640), 6, 1), surface.tooth(plane(480, 640), 1)):
        assert abs(made.mean()) < 0.1
        assert 0.8 < made.std() < 1.3


def test_light_from_the_upper_left_brightens_a_slope_that_faces_it():
    y, x = np.indices((40, 40), dtype=np.float32)
    hill = -np.hypot(x - 20, y - 20) * 0.2
    lit = surface.relief(hill, 0.5, 1)
    assert lit[12, 12] > 1.1
    assert lit[28, 28] < 0.9
    assert np.allclose(surface.relief(np.zeros_like(hill), 0.5, 1), 1)


@pytest.mark.parametrize("tone", [0.3, 0.5, 0.7])
def test_hatching_covers_as_much_paper_as_the_tone_asks(tone):
    cover = hatching(np.full((240, 320), tone, np.float32), 52, 5, scale=1, seed=1)
    assert abs(cover.mean() - (1 - tone)) < 0.06


def test_hatching_leaves_white_blank():
    assert hatching(np.ones((60, 80), np.float32), 52, 5, scale=1, seed=1).max() == 0
