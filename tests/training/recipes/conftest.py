"""Clips with all that any recipe asks for, and the networks of recipes at toy width."""

from fractions import Fraction

import numpy as np
import pytest

from tests.models.threads import one_thread  # noqa: F401
from v2v_studio.training.sample import Sample
from v2v_studio.types import BoxSequence


@pytest.fixture(scope="session")
def clips():
    """Four: a bright square of one colour that moves over a ground of another."""
    return [clip(number) for number in range(4)]


def clip(number, frames=10, size=(36, 48)):
    rng = np.random.default_rng(number)
    ground, square = rng.random((2, 3, 1, 1), np.float32)
    pictures = np.broadcast_to(ground, (frames, 3, *size)).copy()
    boxes = np.zeros((frames, 1, 4), np.float32)
    top = int(rng.integers(0, 20))
    for t in range(frames):
        left = 2 + 3 * t
        pictures[t, :, top : top + 14, left : left + 14] = square
        boxes[t, 0] = left, top, left + 14, top + 14
    drawn = BoxSequence(boxes, np.ones((frames, 1), bool), ("a square",), size)
    return Sample(f"clip {number}", pictures, Fraction(24), np.arange(frames), f"a square, number {number}", boxes=drawn)
