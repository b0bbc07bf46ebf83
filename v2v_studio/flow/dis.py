"""Dense Inverse Search (Kroeger et al. 2016), OpenCV's: optical flow between two pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from v2v_studio.types import Array, Direction, FlowField
from v2v_studio.warping import planes, visible_mask

Quality = Literal["fast", "medium", "high"]


@dataclass(frozen=True)
class Search:
    """finest: pyramid level to end on (0 is full size); stride between 8x8 patches; iterations of the search (descent), of
    the smoothing after it (variational), and of the search from a warm start, which is not smoothed."""

    finest: int
    stride: int
    descent: int
    variational: int
    warm: int


SEARCHES = {"fast": Search(1, 4, 8, 2, 6), "medium": Search(1, 3, 25, 5, 12), "high": Search(0, 4, 8, 2, 6)}
SMALLEST = 12  # pixels: a patch and a gradient around it
NEAR = 2  # coarsest level from a warm start: what is left to find is a few pixels, and the guess is smooth already


def dis_flow(source: np.ndarray, target: np.ndarray, quality: Quality, init: Array | None = None) -> Array:
    """Displacement from one picture into another: source(x) is target(x + displacement).

    OpenCV's result depends on its thread count, so this makes OpenCV single-threaded in the whole process; two cores are
    kept busy by doing two things at once.

    Args:
        source, target: (H, W) uint8.
        init: (H, W, 2), a guess that is right within some pixels; None searches from nothing.

    Returns:
        (H, W, 2) float32 in pixels, on the source's grid.
    """
    cv2.setNumThreads(1)
    h, w = source.shape
    if min(h, w) < SMALLEST:
        pad = (0, max(SMALLEST - h, 0), 0, max(SMALLEST - w, 0), cv2.BORDER_REPLICATE)
        wider = None if init is None else np.asarray(cv2.copyMakeBorder(init, *pad), np.float32)
        return dis_flow(cv2.copyMakeBorder(source, *pad), cv2.copyMakeBorder(target, *pad), quality, wider)[
            :h, :w
        ].copy()
    search, dis = SEARCHES[quality], cv2.DISOpticalFlow.create()
    dis.setFinestScale(search.finest)
    dis.setPatchStride(search.stride)
    dis.setGradientDescentIterations(search.descent if init is None else search.warm)
    dis.setVariationalRefinementIterations(search.variational if init is None else 0)
    if init is None:
        return np.asarray(dis.calc(source, target, None), np.float32)  # type: ignore[call-overload]
    dis.setCoarsestScale(NEAR)
    return np.asarray(dis.calc(source, target, init.copy()), np.float32)  # it writes the answer into its guess


def eight_bit(frame: Array) -> np.ndarray:
    """(3, H, W) in [0, 1] -> (H, W, 3) uint8."""
    return cv2.merge([cv2.convertScaleAbs(plane, alpha=255) for plane in frame])


def luma(frame: Array) -> np.ndarray:
    """(3, H, W) RGB in [0, 1] -> (H, W) uint8, what flow is estimated on."""
    return cv2.cvtColor(eight_bit(frame), cv2.COLOR_RGB2GRAY)


class Dis:
    """Each frame against the reference on its own: quick, and lost where anything has moved far."""

    chained = False

    def __init__(self, quality: Quality = "medium") -> None:
        self.quality = quality

    def flow(self, frames: Array, direction: Direction) -> FlowField:
        """frames (T, 3, H, W) in [0, 1] -> FlowField, visible by the forward-backward check."""
        reference, *others = (luma(frame) for frame in frames)
        displacement = np.zeros((len(frames), 2, *reference.shape), np.float32)
        visible = np.ones((len(frames), 1, *reference.shape), np.float32)
        for t, frame in enumerate(others, 1):
            here, there = (reference, frame) if direction == "forward" else (frame, reference)
            asked = dis_flow(here, there, self.quality)
            displacement[t] = planes(asked)
            visible[t, 0] = visible_mask(dis_flow(there, here, self.quality), asked)
        return FlowField(displacement, direction, visible)
