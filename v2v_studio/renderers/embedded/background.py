"""Which part of the key is background: what may fill a place that the key does not show."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import grid

STRIDE = 6  # between the pixels the background's motion is fitted to
CLOSE = 2.5  # pixels from the fitted motion that still belong to it
APART = 4.0  # pixels from it that belong to something else
COST = 25 * 3000.0  # of a patch of the foreground as filling


def background_place(place: Array, visible: Array) -> Array | None:
    """Where the background of each pixel is in the key, were nothing in front of it: one affine motion.

    Args:
        place: (H, W, 2), position in the key. visible: (H, W) in [0, 1].

    Returns:
        (H, W, 2), or None where too little is visible to tell.
    """
    here = grid(*visible.shape)[::STRIDE, ::STRIDE]
    known = visible[::STRIDE, ::STRIDE] > 0.7
    if known.sum() < 12:
        return None
    affine, _ = cv2.estimateAffine2D(
        here[known], place[::STRIDE, ::STRIDE][known], method=cv2.RANSAC, ransacReprojThreshold=CLOSE
    )
    if affine is None:
        return None
    return cv2.transform(grid(*visible.shape), affine.astype(np.float32))


def foreground_of_key(place: Array, visible: Array, background: Array) -> np.ndarray:
    """(H, W) bool: pixels of the key that visible pixels moving apart from the background come from."""
    height, width = visible.shape
    apart = (np.square(place - background).sum(2) > APART**2) & (visible > 0.5)
    x, y = np.rint(place[apart]).astype(np.int64).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    hit = np.zeros((height, width), np.uint8)
    hit[y[inside], x[inside]] = 1
    hit = cv2.morphologyEx(hit, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    hit = cv2.morphologyEx(hit, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return cv2.dilate(hit, np.ones((5, 5), np.uint8)).astype(bool)


def hole(visible: Array) -> Array:
    """(H, W) in [0, 1]: how surely the key does not show a pixel."""
    return np.clip(1 - cv2.GaussianBlur(visible, (0, 0), 1.5) / np.float32(0.4), 0, 1)
