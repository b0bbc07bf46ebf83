"""Clips with all that any recipe asks for: a bright square of one colour that moves over a ground of another."""

from fractions import Fraction

import numpy as np

from v2v_studio.training.sample import Sample
from v2v_studio.types import BoxSequence

SIDE = 14


def clip(number, frames=10, size=(36, 48)):
    """A sample: the square moves 3 pixels to the right in each frame."""
    rng = np.random.default_rng(number)
    ground, square = rng.random((2, 3, 1, 1), np.float32)
    pictures = np.broadcast_to(ground, (frames, 3, *size)).copy()
    boxes = np.zeros((frames, 1, 4), np.float32)
    flow = np.zeros((frames - 1, 2, *size), np.float32)
    top = int(rng.integers(0, size[0] - SIDE))
    for t in range(frames):
        left = 2 + 3 * t
        pictures[t, :, top : top + SIDE, left : left + SIDE] = square
        boxes[t, 0] = left, top, left + SIDE, top + SIDE
        if t:
            flow[t - 1, 0, top : top + SIDE, 2 : 2 + SIDE] = 3 * t
    return Sample(
        f"clip {number}",
        pictures,
        Fraction(24),
        np.arange(frames),
        f"a square, number {number}",
        flow,
        boxes=BoxSequence(boxes, np.ones((frames, 1), bool), ("a square",), size),
    )
