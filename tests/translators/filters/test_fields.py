"""Directions and smoothing on pictures whose structure is known."""

import numpy as np
import pytest

from v2v_studio.translators.filters import fields


def stripes(angle, size=64, period=12):
    """Waves whose crests run along `angle` degrees, x right and y down."""
    y, x = np.indices((size, size), dtype=np.float32)
    a = np.radians(angle)
    return (0.5 + 0.5 * np.sin((-x * np.sin(a) + y * np.cos(a)) * 2 * np.pi / period)).astype(np.float32)


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
def test_tangents_run_along_the_stripes(angle):
    found = fields.tangents(stripes(angle), 3)[16:48, 16:48]
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    assert np.abs(found @ along).min() > 0.99


def test_tangents_are_unit_vectors_in_a_black_picture_too():
    found = fields.tangents(np.zeros((20, 30, 3), np.float32), 3)
    assert np.allclose(np.linalg.norm(found, axis=2), 1, atol=1e-6)


def test_along_a_straight_direction_is_the_mean_of_a_row():
    picture = np.random.default_rng(0).random((9, 40), dtype=np.float32)
    right = np.zeros((9, 40, 2), np.float32)
    right[..., 0] = 1
    smooth = fields.along(picture, right, length=4, steps=4)
    for x in range(4, 36):
        assert np.allclose(smooth[:, x], picture[:, x - 4 : x + 5].mean(1), atol=1e-6)  # float32 sums


def test_along_does_not_care_for_the_sign_of_the_direction():
    picture = np.random.default_rng(0).random((20, 20), dtype=np.float32)
    direction = fields.tangents(picture, 2)
    flipped = direction * np.where(np.random.default_rng(1).random((20, 20, 1)) < 0.5, -1, 1).astype(np.float32)
    assert np.allclose(fields.along(picture, direction, 5), fields.along(picture, flipped, 5), atol=1e-6)


def test_a_dark_line_is_found_and_a_gentle_slope_is_not():
    picture = np.tile(np.linspace(0.6, 0.7, 60, dtype=np.float32), (40, 1))
    picture[:, 29:31] = 0.2
    found = fields.lines(picture, fields.tangents(picture, 2), 1.2)
    assert found[10:30, 29:31].min() > 0.9
    assert found[:, :20].max() < 0.01
    assert found[:, 40:].max() < 0.01


def test_simplify_flattens_noise_and_keeps_the_edge():
    picture = np.full((48, 48, 3), 0.2, np.float32)
    picture[:, 24:] = 0.8
    noisy = picture + np.random.default_rng(0).normal(0, 0.05, picture.shape).astype(np.float32)
    smooth = fields.simplify(noisy, fields.tangents(noisy, 3), 4)
    assert smooth[8:40, 8:16].std() < 0.025  # half of the noise or less
    assert smooth[8:40, 22].max() < 0.35  # two pixels from the edge the step is still whole
    assert smooth[8:40, 25].min() > 0.65


def test_a_wide_blur_on_a_smaller_picture_is_the_blur():
    picture = np.random.default_rng(0).random((90, 120), dtype=np.float32)
    x = np.arange(-60, 61)
    kernel = np.exp(-(x**2) / (2 * 12.0**2))
    kernel /= kernel.sum()
    padded = np.pad(picture, 60, mode="reflect")
    rows = np.apply_along_axis(np.convolve, 1, padded, kernel, "valid")
    slow = np.apply_along_axis(np.convolve, 0, rows, kernel, "valid")
    # the picture's own deviation is 0.29; the smaller grid costs a thirtieth of that
    assert np.abs(fields.blur(picture, 12) - slow).max() < 0.01


def test_smoothstep_falls_where_its_ends_are_swapped():
    x = np.array([0, 0.5, 1], np.float32)
    assert fields.smoothstep(0, 1, x).tolist() == [0, 0.5, 1]
    assert fields.smoothstep(1, 0, x).tolist() == [1, 0.5, 0]
