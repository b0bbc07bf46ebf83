"""PatchMatch (Barnes et al. 2009) on the pixels that flow has lost, and only there.

Patches are 7x7, every second sample of it, each weighted by how much its colour is that of the centre (as in PatchMatch
Stereo, Bleyer et al. 2011), so that the far side of a silhouette has no say. Importing this imports numba.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from v2v_studio.flow.features import Features
from v2v_studio.types import Array

REACH = 3
FAR = 5  # pixels to the second ring of neighbours, which carries a motion across a thin wrong band
CAP = 120
UNEVEN = np.float32(1.0)  # cost of a pixel of difference from the neighbours' motion, up to EVEN_ENOUGH pixels
EVEN_ENOUGH = np.float32(20)
MARGIN = np.float32(2)  # what a new match must be cheaper by, for all of a sweep
OUTSIDE = np.float32(1e9)
SUPPORT = np.exp(-np.arange(3 * 128) / 15).astype(np.float32)  # weight of a sample by its difference from the centre


def search(
    source: Features, target: Features, displacement: Array, mask: np.ndarray, radius: float, sweeps: int = 2
) -> Array:
    """Better displacements for the masked pixels: neighbours' offers and random tries, in alternating sweeps.

    Args:
        displacement: (H, W, 2), where to start from; unmasked pixels stay, and guide their neighbours.
        mask: (H, W) bool.
        radius: of the widest random try, in pixels.

    Returns:
        (H, W, 2), a new field; the same for the same input.
    """
    field = displacement.copy()
    mine, other = _padded(source), _padded(target)
    y, x = (index.astype(np.int32) for index in np.nonzero(mask))
    for sweep in range(sweeps):
        _sweep(mine, other, y[:: 1 - 2 * (sweep % 2)], x[:: 1 - 2 * (sweep % 2)], field, np.float32(radius), sweep)
    return field


def _padded(features: Features) -> np.ndarray:
    """(H + 2 REACH, W + 2 REACH, 6) uint8."""
    pad = (REACH, REACH, REACH, REACH, cv2.BORDER_REPLICATE)
    return np.concatenate([cv2.copyMakeBorder(part, *pad) for part in (features.colour, features.shape)], 2)


@njit(cache=True, nogil=True)
def _sweep(source, target, ys, xs, field, radius, sweep):  # type: ignore[no-untyped-def]
    h, w = field.shape[:2]
    weights = np.empty(16, np.float32)
    near = np.empty((8, 2), np.float32)
    for k in range(len(ys)):
        y, x = ys[k], xs[k]
        near[0], near[1] = field[y, max(x - 1, 0)], field[y, min(x + 1, w - 1)]
        near[2], near[3] = field[max(y - 1, 0), x], field[min(y + 1, h - 1), x]
        near[4], near[5] = field[y, max(x - FAR, 0)], field[y, min(x + FAR, w - 1)]
        near[6], near[7] = field[max(y - FAR, 0), x], field[min(y + FAR, h - 1), x]
        mean_x = (near[0, 0] + near[1, 0] + near[2, 0] + near[3, 0]) / 4
        mean_y = (near[0, 1] + near[1, 1] + near[2, 1] + near[3, 1]) / 4
        _weigh(source, y, x, weights)
        best_x, best_y = field[y, x, 0], field[y, x, 1]
        best = _cost(source, target, y, x, best_x, best_y, mean_x, mean_y, weights, OUTSIDE) - MARGIN
        for n in range(8):
            dx, dy = near[n, 0], near[n, 1]
            cost = _cost(source, target, y, x, dx, dy, mean_x, mean_y, weights, best)
            if cost < best:
                best, best_x, best_y = cost, dx, dy
        noise = _scrambled(np.uint64(2 * (y * w + x) + sweep))
        reach = radius
        while reach >= 1:
            noise = _scrambled(noise)
            dx = best_x + reach * (np.float32(noise & np.uint64(0xFFFF)) / np.float32(32768) - np.float32(1))
            dy = best_y + reach * (np.float32(noise >> np.uint64(48)) / np.float32(32768) - np.float32(1))
            cost = _cost(source, target, y, x, dx, dy, mean_x, mean_y, weights, best)
            if cost < best:
                best, best_x, best_y = cost, dx, dy
            reach *= np.float32(0.35)
        field[y, x, 0], field[y, x, 1] = best_x, best_y


@njit(cache=True, nogil=True)
def _scrambled(number):  # type: ignore[no-untyped-def]
    """The next pseudo-random 64 bits: splitmix64 (Steele et al. 2014)."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


@njit(cache=True, nogil=True)
def _weigh(source, y, x, weights):  # type: ignore[no-untyped-def]
    """Support of the 16 samples of a patch, summing to 1."""
    total = np.float32(0)
    for j in range(4):
        for i in range(4):
            gap = np.int32(0)
            for c in range(3):
                gap += abs(np.int32(source[y + 2 * j, x + 2 * i, c]) - np.int32(source[y + REACH, x + REACH, c]))
            weights[4 * j + i] = SUPPORT[gap]
            total += SUPPORT[gap]
    for n in range(16):
        weights[n] /= total


@njit(cache=True, nogil=True)
def _cost(source, target, y, x, dx, dy, mean_x, mean_y, weights, bound):  # type: ignore[no-untyped-def]
    """Weighted mean of the capped feature differences, plus unevenness; given up once it is above `bound`."""
    h, w = target.shape[0] - 2 * REACH, target.shape[1] - 2 * REACH
    tx, ty = int(np.floor(x + dx + np.float32(0.5))), int(np.floor(y + dy + np.float32(0.5)))
    if tx < 0 or ty < 0 or tx >= w or ty >= h:
        return OUTSIDE
    total = UNEVEN * min(abs(dx - mean_x) + abs(dy - mean_y), EVEN_ENOUGH)
    for j in range(4):
        if total >= bound:
            return total
        for i in range(4):
            gap = np.int32(0)
            for c in range(6):
                gap += abs(np.int32(source[y + 2 * j, x + 2 * i, c]) - np.int32(target[ty + 2 * j, tx + 2 * i, c]))
            total += weights[4 * j + i] * np.float32(gap if gap < CAP else CAP)
    return total
