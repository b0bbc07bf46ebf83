"""Clips whose motion and faults are known: a wall that passes by, and what was done to it."""

import numpy as np
import pytest

from v2v_studio.flow.dis import Dis
from v2v_studio.metrics.displacement import Displacement, MotionEndpoint, end_point_error, lengths
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.metrics.steadiness import ColourDrift, Flicker, Sharpness, TemporalDifference, WarpError
from v2v_studio.metrics.temporal import warp_error
from v2v_studio.types import FlowField

H, W, T = 48, 64, 4


class Panning:
    """An estimator that knows the answer: what is here was `speed` pixels to the right a frame ago, all visible."""

    def __init__(self, speed=2, hidden=0):
        self.speed, self.hidden = speed, hidden

    def flow(self, frames, direction):
        assert direction == "backward" and len(frames) == 2
        field = np.zeros((2, 2, H, W), np.float32)
        field[1, 0] = self.speed
        visible = np.ones((2, 1, H, W), np.float32)
        visible[1, :, :, W - self.hidden :] = 0
        return FlowField(field, "backward", visible)


def wall(t, speed=2):
    """(3, H, W): a fixed wall, seen from a camera that has gone left by speed * t pixels."""
    bumps = np.random.default_rng(0).random((3, 6, 12)).repeat(8, 1).repeat(8, 2).astype(np.float32)
    return np.ascontiguousarray(bumps[:, :, 24 - speed * t : 24 - speed * t + W])


def measure(metric, frames, references=None, flow=None):
    meter, pair = metric.open(Clip(len(frames), (W, H))), None
    for frame, reference in zip(frames, references or frames, strict=True):
        pair = Pair(frame, reference, pair, flow or Panning())
        meter.add(pair)
    return meter.value()


@pytest.fixture
def still():
    return [wall(0)] * T


def test_warp_error_is_the_sum_over_channels_of_squares_where_visible():
    change = np.zeros((3, H, W), np.float32)
    change[:, :, 0] = 0.5
    change[:, :, 1:] = 0.1
    left = np.zeros((H, W), np.float32)
    left[:, 0] = 1
    assert warp_error(change, left) == pytest.approx(3 * 0.25)
    assert warp_error(change, np.zeros((H, W), np.float32)) is None


def test_a_clip_that_moves_as_its_reference_has_no_error_in_what_is_visible():
    """What comes in at the right was never shown; the estimator says so."""
    backward = Panning(-2)
    frames = [wall(t) for t in range(T)]
    shown = Panning(-2, 0)
    assert measure(WarpError(), frames, flow=shown) > 0  # the left edge is repeated, and counted here
    shown.flow = lambda pair, direction: hidden_left(backward.flow(pair, direction))
    assert measure(WarpError(), frames, flow=shown) == 0


def hidden_left(field):
    visible = field.visible.copy()
    visible[1, :, :, :2] = 0
    return FlowField(field.displacement, field.direction, visible)


def test_frames_brighter_by_ten_levels_each_raise_every_measure_by_what_they_are(still):
    brighter = [frame * 0.5 + np.float32(10 * t / 255) for t, frame in enumerate(still)]
    halved = [frame * np.float32(0.5) for frame in still]
    flow = Panning(0)
    assert measure(TemporalDifference(), brighter, halved, flow) == pytest.approx(10, rel=1e-4)
    assert measure(Flicker(), brighter, halved, flow) == pytest.approx(10, rel=1e-4)
    assert measure(WarpError(), brighter, halved, flow) == pytest.approx(3 * (10 / 255) ** 2, rel=1e-4)
    assert measure(ColourDrift(), brighter, halved, flow) > 0.01
    assert measure(Sharpness(), brighter, halved, flow) == pytest.approx(1, rel=1e-3)


def test_a_clip_equal_to_its_reference_drifts_and_flickers_not_at_all(still):
    flow = Panning(0)
    for metric in (TemporalDifference(), Flicker(), ColourDrift()):
        assert measure(metric, still, flow=flow) == 0


def test_a_clip_that_blurs_is_less_sharp_than_its_first_frame(still):
    import cv2

    blurred = [still[0], *(np.stack([cv2.blur(plane, (9, 9)) for plane in frame]) for frame in still[1:])]
    assert measure(Sharpness(), blurred, still, Panning(0)) < 0.7


def test_one_frame_alone_has_nothing_to_measure(still):
    for metric in (WarpError(), TemporalDifference(), Flicker(), ColourDrift(), Sharpness(), Displacement()):
        assert measure(metric, still[:1]) is None


def test_displacement_is_the_mean_length_of_motion_from_the_first_frame(still):
    assert measure(Displacement(), still, flow=Panning(3)) == pytest.approx(3)
    assert lengths(np.float32([[[3, 0]], [[4, 0]]])) == pytest.approx(2.5)


def test_displacement_of_a_pan_by_real_optical_flow_is_its_speed():
    """Mean over frames of 2, 4 and 6 pixels; edges, where the wall comes in, are guessed."""
    rng = np.random.default_rng(1)
    texture = np.cumsum(rng.normal(0, 0.1, (3, H, 96)), 2)
    texture = ((texture - texture.min()) / np.ptp(texture)).astype(np.float32)
    frames = [np.ascontiguousarray(texture[:, :, 12 + 2 * t : 12 + 2 * t + W]) for t in range(T)]
    assert measure(Displacement(), frames, flow=Dis()) == pytest.approx(4, abs=0.8)


def test_end_point_error_is_the_mean_distance_over_what_counts():
    one, other = np.zeros((2, 1, 2), np.float32), np.float32([[[3, 9]], [[4, 9]]])
    assert end_point_error(one, other, np.array([[True, False]])) == pytest.approx(5)
    assert end_point_error(one, other, np.array([[False, False]])) is None


def test_a_clip_that_moves_as_its_reference_has_no_end_point_error(still):
    assert measure(MotionEndpoint(), still) == 0


class ByLevel:
    """An estimator by brightness: everything goes right by 10 pixels times what the later frame is brighter; the left
    half is visible."""

    def flow(self, frames, direction):
        field, visible = np.zeros((2, 2, H, W), np.float32), np.ones((2, 1, H, W), np.float32)
        field[1, 0] = 10 * (frames[1].mean() - frames[0].mean())
        field[1, 0, :, W // 2 :] *= 5
        visible[1, :, :, W // 2 :] = 0
        return FlowField(field, direction, visible)


def test_end_point_error_is_between_both_motions_from_the_first_frame_where_the_references_is_visible():
    """3, then 6 pixels against 1, then 2; what is hidden goes five times as far and does not count."""
    made = [np.full((3, H, W), level, np.float32) for level in (0, 0.3, 0.6)]
    asked = [np.full((3, H, W), level, np.float32) for level in (0, 0.1, 0.2)]
    assert measure(MotionEndpoint(), made, asked, ByLevel()) == pytest.approx((2 + 4) / 2, rel=1e-4)


def test_a_pair_holds_no_more_than_the_first_and_the_two_last(still):
    pair = None
    for frame in [*still, *still]:
        pair = Pair(frame, None, pair, Panning())
    assert pair.before.before is None and pair.first.before is None
    assert pair.first is not pair.before


def test_what_is_shared_is_made_once():
    pair, made = Pair(wall(0), None, None, Panning()), []
    assert pair.shared("x", lambda: made.append(1) or 7) == 7
    assert pair.shared("x", lambda: made.append(1) or 8) == 7 and made == [1]
