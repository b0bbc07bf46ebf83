"""Frames between two that are rendered: both moved there by the motion of the footage, and made one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from v2v_studio.tracks.blend import mixed, share_of_later
from v2v_studio.types import Array, FlowField
from v2v_studio.warping import backward_warp, compose, inside, inverse, pixels, planes


def filled(before: Array, rendered: Array, places: Sequence[int], motion: FlowField) -> Array:
    """Every frame of a window of which some are rendered.

    A frame between is reached from the one rendered before it along the steps of the footage, and from the one after it
    along the same steps the other way; the nearer one counts more, and one that does not show a pixel counts for nothing.

    Args:
        before: (3, H, W), the output before the window.
        rendered: (K, 3, H, W).
        places: which frames of the window those are, the last of it among them.
        motion: (T, ...) of the window, backward, with `step`.

    Returns:
        (T, 3, H, W).
    """
    assert motion.step is not None
    steps = [pixels(step) for step in motion.step]
    frames = np.empty((len(motion), *rendered.shape[1:]), np.float32)
    frames[list(places)] = rendered
    for first, last in zip([-1, *places[:-1]], places, strict=True):
        earlier, later = before if first < 0 else frames[first], frames[last]
        for at, back, ahead in zip(
            range(first + 1, last), _backs(steps[first + 1 : last]), _aheads(steps[first + 2 : last + 1]), strict=True
        ):
            onward, landed = inverse(ahead, np.ones_like(ahead[..., 0]))
            one, other = _moved(earlier, back), _moved(later, onward)
            along = (at - first) / (last - first)
            seen = inside(back).astype(np.float32)
            frames[at] = mixed(one, other, share_of_later(one, other, seen, landed, along))
    return frames


def _backs(steps: Sequence[Array]) -> list[Array]:
    """Steps, each to the frame before, as ways from each frame to the one before them all."""
    ways: list[Array] = []
    for step in steps:
        ways.append(compose(step, ways[-1]) if ways else step)
    return ways


def _aheads(steps: Sequence[Array]) -> list[Array]:
    """Steps, each to the frame before, as ways from the last frame to the one before each."""
    ways: list[Array] = []
    for step in reversed(steps):
        ways.append(compose(ways[-1], step) if ways else step)
    return ways[::-1]


def _moved(picture: Array, way: Array) -> Array:
    return planes(backward_warp(pixels(picture), way, "cubic").clip(0, 1))
