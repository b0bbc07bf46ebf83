"""What every registered flow estimator promises."""

import cv2
import numpy as np
import pytest

from v2v_studio.flow.base import FLOW

EVERY = pytest.mark.parametrize("name", FLOW.names())
KNOWING = pytest.mark.parametrize("name", sorted({*FLOW.names()} - {"raft"}))  # without training it knows no motion
BOTH = pytest.mark.parametrize("direction", ["forward", "backward"])


@EVERY
@BOTH
def test_the_reference_is_still_and_visible(name, estimator, direction, panning):
    flow = estimator(name).flow(panning(3, 2), direction)
    assert len(flow) == 3 and flow.size == (72, 96)
    assert not flow.displacement[0].any()
    assert (flow.visible[0] == 1).all()
    assert flow.visible.min() >= 0 and flow.visible.max() <= 1


@KNOWING
def test_direction_is_the_one_asked_for(name, estimator, panning):
    """The window moves 2 px right a frame, so the picture moves 2 px left: forward -2, backward +2."""
    frames = panning(3, 2)
    inner = np.s_[2, :, 16:-16, 16:-16]
    for direction, x in (("forward", -4), ("backward", 4)):
        flow = estimator(name).flow(frames, direction)
        assert flow.direction == direction
        assert np.abs(flow.displacement[inner] - np.float32([x, 0])[:, None, None]).mean() < 0.1  # sub-pixel noise


@KNOWING
def test_forward_is_estimated_not_negated(name, estimator, texture):
    """The picture grows by a quarter about its centre: 32 px from it, forward is 8 px and backward 6.4 px long."""
    picture = texture(72, 96).transpose(1, 2, 0)
    grown = cv2.warpAffine(picture, cv2.getRotationMatrix2D((48, 36), 0, 1.25), (96, 72), flags=cv2.INTER_CUBIC)
    frames = np.clip(np.stack([picture, grown]), 0, 1).transpose(0, 3, 1, 2)
    for direction, x in (("forward", 8), ("backward", -6.4)):
        found = estimator(name).flow(frames, direction).displacement[1, 0, 30:42, 80]
        assert np.abs(found - x).mean() < 0.7  # 6.4 and 8 are 1.6 apart


@EVERY
@BOTH
def test_the_same_frames_give_the_same_bytes(name, estimator, direction, passing):
    frames, kept = passing(3), passing(3)
    first = estimator(name).flow(frames, direction)
    cv2.setNumThreads(4)  # must not matter
    again = estimator(name).flow(frames, direction)
    assert first.displacement.tobytes() == again.displacement.tobytes()
    assert first.visible.tobytes() == again.visible.tobytes()
    assert np.array_equal(frames, kept)


@EVERY
def test_a_single_frame_has_no_motion(name, estimator, panning):
    flow = estimator(name).flow(panning(1, 0), "backward")
    assert len(flow) == 1 and not flow.displacement.any()


@KNOWING
def test_frames_smaller_than_a_patch_do_not_move(name, estimator, texture):
    flow = estimator(name).flow(np.stack([texture(5, 9)] * 2), "backward")
    assert np.abs(flow.displacement).max() < 0.5  # nothing moves


@EVERY
def test_frames_of_any_size_are_accepted(name, estimator, texture):
    assert estimator(name).flow(np.stack([texture(5, 9)] * 2), "backward").size == (5, 9)
