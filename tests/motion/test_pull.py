"""Drags as a dense field, without weights."""

import numpy as np
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.motion.base import MOTION
from v2v_studio.motion.pull import REACH, Pull, PullParams, shares
from v2v_studio.types import Anchor, Drawn, FlowField, MotionBrush, Trajectory, Window

SIZE = (40, 60)
RIGHT = Trajectory(((10.0, 20.0), (22.0, 20.0)))
DOWN = Trajectory(((50.0, 20.0), (50.0, 28.0)))


def brushed(rows=slice(10, 30), columns=slice(5, 55)):
    painted = np.zeros(SIZE, np.float32)
    painted[rows, columns] = 1
    return MotionBrush(painted)


def pulled(*drags, brush=None, start=1, count=6, frames=7):
    blank = np.zeros((3, *SIZE), np.float32)
    opened = Pull().open(Anchor(blank, blank, Drawn(drags, brush)), PullParams(frames=frames))
    return opened.motion(Window(start, np.zeros((count, 3, *SIZE), np.float32), blank), None)


def test_it_is_the_source_that_is_registered():
    assert MOTION.load("pull") is Pull and Pull.gives == (FlowField,)


def test_inside_the_brush_all_goes_the_way_of_a_single_drag_and_outside_nothing_moves():
    brush = brushed()
    motion = pulled(RIGHT, brush=brush)
    assert motion.direction == "forward" and (motion.visible == 1).all()
    for index, displacement in enumerate(motion.displacement, 1):
        expected = 2 * index * brush.painted  # 12 pixels in six frames, at an even pace
        assert np.array_equal(displacement, np.stack([expected, 0 * expected]))


def test_where_a_drag_takes_hold_all_goes_its_way_and_nothing_goes_farther_than_the_farthest():
    last = pulled(RIGHT, DOWN, brush=brushed()).displacement[-1]
    assert last[:, 20, 10].tolist() == [12, 0] and last[:, 20, 50].tolist() == [0, 8]
    assert last[:, 20, 30].tolist() == [6, 4]  # halfway between both
    assert last.min() >= 0 and last[0].max() == 12 and last[1].max() == 8


def test_shares_are_those_of_a_loop_over_pixels_and_drags():
    holds = [(10.0, 20.0), (50.0, 20.0), (30.5, 12.0)]
    fast, painted = shares(holds, brushed(), SIZE), brushed().painted
    for y, x in [(20, 10), (11, 30), (29, 54), (9, 30), (15, 6)]:
        weights = [1 / max((x - u) ** 2 + (y - v) ** 2, 1e-6) for u, v in holds]
        slow = [weight / sum(weights) * painted[y, x] for weight in weights]
        assert fast[:, y, x] == pytest.approx(slow, abs=1e-6)  # float32 against float64


def test_without_a_brush_the_pull_fades_to_nothing_around_the_drag():
    across = pulled(RIGHT).displacement[-1, 0, 20]
    reach = REACH * SIZE[0]
    assert across[10] == 12 and not across[10 + int(reach) + 1 :].any()
    assert across[18] == pytest.approx(12 * (1 - (8 / reach) ** 2) ** 2, abs=1 / 64)  # kept in 64ths
    assert (np.diff(across[10:30]) <= 0).all()


def test_a_press_without_a_way_holds_still():
    last = pulled(RIGHT, Trajectory(((50.0, 20.0),)), brush=brushed()).displacement[-1]
    assert last[:, 20, 50].tolist() == [0, 0] and last[:, 20, 30].tolist() == [6, 0]


def test_a_bent_drag_passes_through_its_points_and_stays_at_its_end():
    bent = Trajectory(((10.0, 20.0), (20.0, 20.0), (20.0, 28.0)))
    there = pulled(bent, brush=brushed(), count=9).displacement[:, :, 20, 10]
    assert there[2].tolist() == [10, 0] and there[5].tolist() == [10, 8]
    assert (there[5:] == there[5]).all()


def test_windows_of_any_length_give_the_same_bytes():
    whole = pulled(RIGHT, DOWN).displacement
    for index in range(6):
        assert pulled(RIGHT, DOWN, start=index + 1, count=1).displacement.tobytes() == whole[index].tobytes()


def test_without_a_drag_it_says_how_to_draw_one():
    with pytest.raises(UsageError, match="v2v draw SHOT --drag"):
        pulled(brush=brushed())
