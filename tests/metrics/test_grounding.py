"""A textured square that goes right before a still wall, and boxes that ask it to."""

import numpy as np
import pytest

from v2v_studio.flow.dis import Dis
from v2v_studio.metrics.displacement import DragError, point_in
from v2v_studio.metrics.grounding import AverageOverlap, SuccessRate50, SuccessRate75, moved_box, overlap
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.types import FlowField

H, W, T, SIDE, SPEED = 72, 96, 4, 32, 4


def scene(t, speed=SPEED):
    rng = np.random.default_rng(3)
    wall = rng.random((3, H // 4, W // 4)).repeat(4, 1).repeat(4, 2).astype(np.float32) * np.float32(0.4)
    square = rng.random((3, SIDE // 2, SIDE // 2)).repeat(2, 1).repeat(2, 2).astype(np.float32)
    left = 16 + speed * t
    wall[:, 20 : 20 + SIDE, left : left + SIDE] = square
    return wall


def boxes(speed=SPEED):
    lefts = 16 + speed * np.arange(T)
    return np.float32([[x / W, 20 / H, (x + SIDE) / W, (20 + SIDE) / H] for x in lefts])


def measure(metric, speed, clip):
    meter, pair = metric.open(clip), None
    for t in range(T):
        pair = Pair(scene(t, speed), None, pair, Dis())
        meter.add(pair)
    return meter.value()


def test_overlap_is_shared_area_over_joint_area():
    one = np.float32([0, 0, 10, 10])
    assert overlap(one, one) == 1
    assert overlap(one, np.float32([5, 0, 15, 10])) == pytest.approx(50 / 150)
    assert overlap(one, np.float32([10, 0, 20, 10])) == 0
    assert overlap(one, np.float32([20, 20, 30, 30])) == 0


def test_success_is_an_overlap_above_its_bound():
    assert [SuccessRate50().of(share) for share in (0.5, 0.51, 0.76)] == [0, 1, 1]
    assert [SuccessRate75().of(share) for share in (0.5, 0.75, 0.76)] == [0, 0, 1]


def field(displacement, visible=None):
    visible = np.ones((1, 1, H, W), np.float32) if visible is None else visible
    return FlowField(displacement[None].astype(np.float32), "backward", visible)


def test_a_box_moves_and_grows_with_the_pixels_that_come_from_it():
    """Everything has gone right by 6 and is twice as large about (40, 40)."""
    y, x = np.mgrid[:H, :W]
    came = np.stack([(x - 40 - 6) / 2 + 40 - x, (y - 40) / 2 + 40 - y])
    box = np.float32([34, 34, 46, 46])
    assert moved_box(field(came), box) == pytest.approx([34, 28, 58, 52], abs=0.5)  # whole pixels at its border


def test_a_box_that_nothing_comes_from_is_lost():
    nothing = np.zeros((1, 1, H, W), np.float32)
    assert moved_box(field(np.zeros((2, H, W)), nothing), np.float32([10, 10, 30, 30])) is None


def test_an_object_where_it_was_asked_to_be_is_a_success():
    clip = Clip(T, (W, H), boxes=boxes())
    assert measure(AverageOverlap(), SPEED, clip) > 0.85
    assert measure(SuccessRate50(), SPEED, clip) == 1
    assert measure(SuccessRate75(), SPEED, clip) == 1


def test_an_object_that_stays_is_away_from_boxes_that_move():
    """After 12, 24 and 36 pixels: overlaps 20 / 44, 8 / 56 and none."""
    clip = Clip(T, (W, H), boxes=boxes(12))
    assert measure(AverageOverlap(), 0, clip) == pytest.approx((20 / 44 + 8 / 56) / 3, abs=0.03)
    assert measure(SuccessRate50(), 0, clip) == 0


def test_a_point_is_found_where_a_motion_put_it():
    moved = np.zeros((2, H, W))
    moved[0], moved[1] = -3.25, 1.5
    assert point_in(field(moved).displacement[0], np.ones((H, W), np.float32), np.float32([20, 30])) == pytest.approx(
        [23.25, 28.5], abs=1e-4
    )
    assert point_in(field(moved).displacement[0], np.zeros((H, W), np.float32), np.float32([20, 30])) is None


def test_drag_error_is_how_far_a_point_is_from_its_path():
    on_time = np.float32([[32 + SPEED * t, 36] for t in range(T)])
    late = np.float32([[32 + SPEED * t, 36 + 3 * t] for t in range(T)])
    assert measure(DragError(), SPEED, Clip(T, (W, H), paths=(on_time,))) < 0.5  # of a pixel, by the tracker
    assert measure(DragError(), SPEED, Clip(T, (W, H), paths=(late,))) == pytest.approx(6, abs=0.5)  # (3 + 6 + 9) / 3
