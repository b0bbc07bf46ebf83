"""The footage's own motion, window by window."""

import numpy as np
import pytest

from v2v_studio.motion.base import MOTION
from v2v_studio.motion.estimate import Estimate
from v2v_studio.tracks.run import last
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, FlowField


@pytest.fixture
def footage():
    """(7, 3, 48, 64): smooth noise that moves 2 px to the left a frame."""
    rng = np.random.default_rng(3)
    coarse = rng.random((3, 13, 24), np.float32)
    big = np.stack([np.kron(plane, np.ones((4, 4), np.float32)) for plane in coarse])
    return np.stack([big[:, :48, 2 * t : 2 * t + 64] for t in range(7)])


def follow(footage, length, quality="draft"):
    source = Estimate()
    shot = source.open(Anchor(footage[0], footage[0]), source.Params(quality=quality))
    fields, before = [], None
    for window in windows(footage[0], footage[1:], length):
        fields.append(shot.motion(window, before))
        before = last(fields[-1])
    return fields


def test_it_is_the_registered_source_of_flow():
    assert MOTION.load("estimate") is Estimate
    assert Estimate.gives is FlowField


def test_one_entry_a_frame_backward_with_its_step(footage):
    (field,) = follow(footage, length=6)
    assert len(field) == 6 and field.direction == "backward"
    assert field.step.shape == field.displacement.shape
    assert abs(field.displacement[5, 0, 8:-8, 8:-20].mean() - 12) < 0.2  # six frames of 2 px; sub-pixel noise


@pytest.mark.parametrize("length", [1, 2, 4])
def test_windows_of_any_length_give_the_same_bytes(footage, length):
    (whole,) = follow(footage, length=6)
    parts = follow(footage, length)
    for name in ("displacement", "visible", "step"):
        assert np.concatenate([getattr(p, name) for p in parts]).tobytes() == getattr(whole, name).tobytes()


def test_quality_is_passed_on(footage):
    draft, final = (follow(footage, 6, quality)[0] for quality in ("draft", "final"))
    assert not np.array_equal(draft.displacement, final.displacement)
