"""Strokes: their shape, where they go, and that the canvas comes nearer to the picture."""

import numpy as np
import pytest

from v2v_studio.translators.filters.brush import Brush, lay, stamp


@pytest.mark.parametrize("degrees", [0, 45, 90])
def test_a_stroke_is_longest_along_its_angle(degrees):
    cover = stamp(Brush(8, 30, bristle=0), 1, np.radians(degrees), bend=0, spread=1, hand=0, seed=1)[..., 0]
    y, x = np.nonzero(cover > 0.3)
    y, x = y - cover.shape[0] // 2, x - cover.shape[1] // 2
    axis = np.linalg.eigh(np.cov([x, y]))[1][:, 1]
    assert abs(axis @ [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) > 0.99


def test_a_stroke_keeps_its_cover_between_0_and_1_and_fades_before_its_stamp_ends():
    mark = stamp(Brush(8, 30, bristle=1), 1, 0.4, bend=1, spread=1, hand=1, seed=1)
    assert mark[..., 0].min() >= 0
    assert mark[..., 0].max() <= 1
    assert max(edge.max() for edge in (mark[0, :, 0], mark[-1, :, 0], mark[:, 0, 0], mark[:, -1, 0])) == 0


def painting(goal, brush, seed=1):
    direction = np.zeros((*goal.shape[:2], 2), np.float32)
    direction[..., 0] = 1
    canvas = np.zeros((*goal.shape[:2], 4), np.float32)
    lay(canvas, goal, direction, brush, seed)
    return canvas


def test_one_layer_covers_the_canvas_with_the_goal_s_colour():
    goal = np.full((120, 160, 3), 0.7, np.float32)
    painted = painting(goal, Brush(16, 40, jitter=0))[..., :3]
    assert (np.abs(painted - 0.7).max(2) < 0.1).mean() > 0.97


def test_no_stroke_is_laid_where_the_canvas_is_near_enough():
    goal = np.zeros((120, 160, 3), np.float32)
    goal[:, 120:] = 0.8
    painted = painting(goal, Brush(16, 40, jitter=0, error=0.3))[..., :3]
    assert painted[:, :80].max() == 0
    assert painted[:, 140:].mean() > 0.7


def test_strokes_do_not_depend_on_what_lies_further_right():
    wide = np.random.default_rng(0).random((60, 200, 3), dtype=np.float32)
    narrow = np.ascontiguousarray(wide[:, :120])
    assert not np.array_equal(painting(wide, Brush(8, 20))[:, :10], painting(wide, Brush(8, 20), seed=2)[:, :10])
    # order is by each stroke's own number, so the left edge is the same painting
    assert np.allclose(painting(wide, Brush(8, 20))[:, :20], painting(narrow, Brush(8, 20))[:, :20], atol=1e-4)
