"""Drags and a motion brush as the planes that Motion-I2V's control was trained on (section 4.2 of its fact sheet; exact)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from v2v_studio.types import Array, MotionBrush, Trajectory

FRAMES = 16  # the reference frame and 15 flows
UNIT = 64
LATENT = 8  # pixels a side of one latent


@dataclass(frozen=True)
class ControlPlanes:
    """What is known of the motion, for stage 1.

    Attributes:
        flow01: (N, 2, H, W), the flow from the reference to frames 1 to N as f / (W or H) / 2 + 1 / 2; 0.5 where nothing
            is known or nothing moves.
        known: (N, 1, H, W), 1 where flow01 is to be believed: around the start of a drag, and wherever all is still.
        still: (H, W), 1 where nothing may move.
    """

    flow01: Array
    known: Array
    still: Array

    @property
    def known_at_latents(self) -> Array:
        """(N, 1, H / 8, W / 8): `known` at the upper left pixel of each latent."""
        return self.known[..., ::LATENT, ::LATENT]


def rasterise(
    drags: Sequence[Trajectory],
    brush: MotionBrush | None,
    size: tuple[int, int],
    unit: int = UNIT,
    frames: int = FRAMES,
) -> ControlPlanes:
    """Control planes of a canvas.

    Args:
        drags: in pixels of the canvas. Each is resampled to one position a frame, and its displacement from the start
            written into a square around the start, which does not move with it; later drags overwrite earlier ones.
        brush: of any size; None, or nothing painted, lets everything move. What is not painted is known to be still.
        size: (H, W) of the canvas.
        unit: half the side of the square, in pixels.
        frames: with the reference frame, two or more.

    Returns:
        N = frames - 1 planes.
    """
    height, width = size
    flow = np.zeros((frames - 1, 2, height, width), np.float32)
    known = np.zeros((frames - 1, 1, height, width), np.float32)
    for drag in drags:
        path = resampled(drag, frames)
        square = (..., *_square(path[0], unit))
        flow[square] = (path[1:] - path[0])[:, :, None, None]
        known[square] = 1
    still = held_still(brush, size)
    flow /= np.array([width, height], np.float32)[:, None, None]
    flow *= 1 - still
    known[:, :, still > 0] = 1
    flow += 1
    flow /= 2  # now flow01, and only where it is known
    flow -= 0.5
    flow *= known
    flow += 0.5
    return ControlPlanes(flow, known, still)


def resampled(drag: Trajectory, count: int) -> NDArray[np.float64]:
    """(count, 2): positions along a drag at equal steps from point to point, by monotone cubic Hermite curves (PCHIP).

    A single point goes one pixel to the right and down.
    """
    from scipy.interpolate import PchipInterpolator

    points = np.array(drag.points, np.float64)
    if len(points) == 1:
        points = np.vstack([points, points + 1])
    return PchipInterpolator(np.linspace(0, 1, len(points)), points)(np.linspace(0, 1, count))


def _square(start: NDArray[np.float64], unit: int) -> tuple[slice, slice]:
    """Rows and columns around a drag's start. Positions are cut to whole pixels, not rounded."""
    x, y = start
    return (
        slice(max(int(y) - unit, 0), max(int(y) + unit, 0)),
        slice(max(int(x) - unit, 0), max(int(x + unit), 0)),
    )


def held_still(brush: MotionBrush | None, size: tuple[int, int]) -> Array:
    """(H, W): 1 where nothing may move."""
    if brush is None:
        return np.zeros(size, np.float32)
    alpha = np.rint(brush.painted * 255).astype(np.uint8)  # as released: scaled in whole numbers, then halved
    movable = cv2.resize(alpha, size[::-1], interpolation=cv2.INTER_LINEAR) / 255 > 0.5
    return (~movable).astype(np.float32) if movable.any() else np.zeros(size, np.float32)
