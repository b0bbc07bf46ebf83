"""Patches of one picture found in another, and the picture that they lay: the compiled loops of patch-based synthesis.

Pictures are (H, W, CHANNELS) int16. A patch is 5 x 5, named by its centre, at least REACH from every border. Importing
this imports numba.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from v2v_studio.types import Array

REACH = 2
SIDE = 2 * REACH + 1
CHANNELS = 8
TRIES = 4  # random places for each pixel and sweep
LIMIT = np.int32(2**31 - 1)


@njit(cache=True, nogil=True)
def difference(canvas, style, y, x, v, u, bound):  # type: ignore[no-untyped-def]
    """Sum of squared differences of the patches at canvas (y, x) and style (v, u); given up above the bound."""
    total = np.int32(0)
    for d in range(SIDE):
        row, other = canvas[y - REACH + d], style[v - REACH + d]
        left, there = np.uintp((x - REACH) * CHANNELS), np.uintp((u - REACH) * CHANNELS)
        for i in range(np.uintp(SIDE * CHANNELS)):
            gap = np.int32(row[left + i]) - np.int32(other[there + i])
            total += gap * gap
        if total >= bound:
            break
    return total


@njit(cache=True, nogil=True)
def scrambled(number):  # type: ignore[no-untyped-def]
    """The next pseudo-random 64 bits: splitmix64 (Steele et al. 2014)."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


@njit(cache=True, nogil=True)
def search(canvas, style, match, price, sweep, seed):  # type: ignore[no-untyped-def]
    """One sweep of PatchMatch (Barnes et al. 2009), improving `match` in place.

    Args:
        canvas: (H, W * CHANNELS), style: (H', W' * CHANNELS), int16.
        match: (H, W, 2) int32, y and x in the style.
        price: (H', W') int32, added to a patch's cost: what is worn or may not be used is dear.
        sweep: even ones go down and right, odd ones up and left.
        seed: of the random tries.
    """
    height, width = match.shape[:2]
    bottom, right = price.shape[0] - 1 - REACH, price.shape[1] - 1 - REACH
    back = 1 if sweep % 2 else -1
    for row in range(REACH, height - REACH):
        y = height - 1 - row if sweep % 2 else row
        for column in range(REACH, width - REACH):
            x = width - 1 - column if sweep % 2 else column
            best_v, best_u = match[y, x, 0], match[y, x, 1]
            least = price[best_v, best_u] + difference(canvas, style, y, x, best_v, best_u, LIMIT)
            noise = scrambled(np.uint64(((seed * 64 + sweep) * height + y) * width + x))
            reach = max(price.shape)
            for candidate in range(2 + TRIES):
                if candidate == 0:
                    if not REACH <= x + back < width - REACH:
                        continue
                    v, u = match[y, x + back, 0], match[y, x + back, 1] - back
                elif candidate == 1:
                    if not REACH <= y + back < height - REACH:
                        continue
                    v, u = match[y + back, x, 0] - back, match[y + back, x, 1]
                else:
                    noise = scrambled(noise)
                    span = np.uint64(2 * reach + 1)
                    v = best_v + np.int64((noise & np.uint64(0xFFFFFFFF)) % span) - reach
                    u = best_u + np.int64((noise >> np.uint64(32)) % span) - reach
                    reach = max(reach // 4, 1)
                v, u = min(max(v, REACH), bottom), min(max(u, REACH), right)
                cost = price[v, u]
                if cost < least:
                    cost += difference(canvas, style, y, x, v, u, least - cost)
                    if cost < least:
                        least, best_v, best_u = cost, v, u
            match[y, x, 0], match[y, x, 1] = best_v, best_u


@njit(cache=True, nogil=True)
def lay(match: np.ndarray, style: Array, weights: Array) -> Array:
    """The picture that matches lay: each pixel the mean of the patches over it, weighted (5, 5) by its place in them.

    match (H, W, 2) int32, style (H', W', 3) -> (H, W, 3) float32.
    """
    height, width = match.shape[:2]
    laid = np.zeros((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            total = np.float32(0)
            for dy in range(max(-REACH, REACH - y), min(REACH, height - 1 - REACH - y) + 1):
                for dx in range(max(-REACH, REACH - x), min(REACH, width - 1 - REACH - x) + 1):
                    v, u = match[y + dy, x + dx, 0] - dy, match[y + dy, x + dx, 1] - dx
                    weight = weights[REACH - dy, REACH - dx]
                    total += weight
                    for c in range(3):
                        laid[y, x, c] += weight * style[v, u, c]
            for c in range(3):
                laid[y, x, c] /= total
    return laid


@njit(cache=True, nogil=True)
def wear(match: np.ndarray, height: int, width: int) -> np.ndarray:
    """How often each place of a style picture (height, width) is the centre of a match: (height, width) int32."""
    count = np.zeros((height, width), np.int32)
    for y in range(REACH, match.shape[0] - REACH):
        for x in range(REACH, match.shape[1] - REACH):
            count[match[y, x, 0], match[y, x, 1]] += 1
    return count
