"""Motion tidied along its own edges: each pixel there takes the motion of those around it that look like it.

Weighted median filtering (Sun et al. 2010, Sec. 5), so that a limb moves as one piece and its fringe does not stay behind
on the ground. Importing this imports numba.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from v2v_studio.types import Array

JUMP = 0.75  # pixels between neighbours' motions that make an edge
BAND = 5  # pixels across an edge
FAR = 4  # pixels between samples
SAMPLES = 3  # a side
LIKE = np.exp(-np.arange(3 * 128) / 12).astype(np.float32)  # weight by difference of half-contrast colour


def tidied(colour: np.ndarray, displacement: Array, cost: Array) -> Array:
    """The displacement, with pixels near its edges replaced by a median of their surroundings.

    Args:
        colour: (H, W, 3) uint8, half-contrast RGB.
        displacement: (H, W, 2).
        cost: (H, W), of the match; the cheaper, the more a pixel counts.

    Returns:
        (H, W, 2), a new field.
    """
    y, x = (index.astype(np.int32) for index in np.nonzero(edges(displacement)))
    tidy = displacement.copy()
    tidy[y, x] = _medians(colour, displacement, 1 / (1 + np.square(cost / np.float32(15))), y, x)
    return tidy


def edges(displacement: Array) -> np.ndarray:
    """(H, W) bool, a band of `BAND` pixels around every jump."""
    jumps = cv2.morphologyEx(displacement, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))  # largest less smallest
    jump = (cv2.max(*cv2.split(jumps)) > JUMP).astype(np.uint8)
    return cv2.dilate(jump, np.ones((BAND, BAND), np.uint8)) > 0


@njit(cache=True, nogil=True)
def _medians(colour, displacement, trust, ys, xs):  # type: ignore[no-untyped-def]
    h, w = trust.shape
    medians = np.empty((len(ys), 2), np.float32)
    weights = np.empty(SAMPLES * SAMPLES, np.float32)
    values = np.empty((2, SAMPLES * SAMPLES), np.float32)
    for k in range(len(ys)):
        y, x = ys[k], xs[k]
        n = 0
        for j in range(-FAR, FAR + 1, FAR):
            for i in range(-FAR, FAR + 1, FAR):
                row, column = min(max(y + j, 0), h - 1), min(max(x + i, 0), w - 1)
                gap = np.int32(0)
                for c in range(3):
                    gap += abs(np.int32(colour[y, x, c]) - np.int32(colour[row, column, c]))
                weights[n] = LIKE[gap] * trust[row, column]
                values[0, n], values[1, n] = displacement[row, column, 0], displacement[row, column, 1]
                n += 1
        medians[k, 0] = _median(values[0], weights)
        medians[k, 1] = _median(values[1], weights)
    return medians


@njit(cache=True, nogil=True)
def _median(values, weights):  # type: ignore[no-untyped-def]
    """The value at which half of the weight is reached."""
    total, order = weights[0], np.empty(len(values), np.int32)
    order[0] = 0
    for n in range(1, len(values)):  # insertion sort: there are few
        total += weights[n]
        m = n
        while m > 0 and values[order[m - 1]] > values[n]:
            order[m] = order[m - 1]
            m -= 1
        order[m] = n
    reached, n = weights[order[0]], 0
    while reached < total / 2:
        n += 1
        reached += weights[order[n]]
    return values[order[n]]
