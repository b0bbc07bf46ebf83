"""Frames between two that are rendered."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from v2v_studio.tracks.between import filled
from v2v_studio.types import FlowField


def picture(seed, size=(40, 60)):
    rng = np.random.default_rng(seed)
    return np.stack([gaussian_filter(rng.random(size), 2) for _ in range(3)]).astype(np.float32)


def steps(count, right=0.0, size=(40, 60)):
    """Everything this far to the right from frame to frame: each step leads back to the left."""
    way = np.zeros((count, 2, *size), np.float32)
    way[:, 0] = -right
    return FlowField(way, "backward", np.ones((count, 1, *size), np.float32), way)


def test_frames_that_are_rendered_stay_as_they_are():
    rendered = np.stack([picture(1), picture(2)])
    frames = filled(picture(0), rendered, [1, 2], steps(3))
    assert np.array_equal(frames[[1, 2]], rendered)


@pytest.mark.parametrize("stride", [2, 4])
def test_a_picture_that_moves_is_where_it_belongs_in_between(stride):
    wide = picture(0, (40, 60 + 2 * stride))
    at = [
        np.ascontiguousarray(wide[:, :, 2 * (stride - t) :][:, :, :60]) for t in range(stride + 1)
    ]  # 2 pixels a frame
    frames = filled(at[0], at[-1][None], [stride - 1], steps(stride, 2))
    for t in range(1, stride):
        gap = np.abs(frames[t - 1] - at[t])[:, :, 2 * stride : -2 * stride]
        assert gap.max() < 1e-6  # whole pixels: nothing is interpolated


def test_what_stands_still_goes_from_one_look_to_the_next_in_equal_steps():
    one, other = picture(0), picture(0) + np.float32(0.02)
    frames = filled(one, other[None], [3], steps(4))
    assert np.allclose((frames - one).mean((1, 2, 3)), [0.005, 0.01, 0.015, 0.02], atol=2e-3)  # visibility is softened


def test_what_only_the_later_one_shows_is_taken_from_it():
    """A picture that moves to the right leaves its left edge to the later frame."""
    before, after = picture(0), picture(0) * 0 + np.float32(0.9)
    frames = filled(before, after[None], [1], steps(2, 8))
    assert np.abs(frames[0][:, :, :4] - 0.9).max() < 0.02  # but for the soft edge of what is seen


def test_two_looks_that_differ_are_not_shown_at_once():
    frames = filled(np.zeros((3, 40, 60), np.float32), np.ones((1, 3, 40, 60), np.float32), [3], steps(4))
    assert frames[0].max() < 0.05 and frames[2].min() > 0.95
