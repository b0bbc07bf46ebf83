"""Patch search and voting, compiled: the loops of example-based synthesis.

A match is the key pixel (x, y) that a pixel's patch looks like. Patches are 5 x 5 and lie wholly inside their picture, so
matches exist for pixels at least 2 from the border; a pixel's colour is the mean of the patches that cover it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from v2v_studio.types import Array

REACH = 2  # of a patch, in pixels either side of its centre
CHANNELS = 8  # of what patches are compared by
WIDTH = (2 * REACH + 1) * CHANNELS  # values in a line of a patch
PARTS = 4  # of a level: the unit of a channel
MOST = 2**31 - 256  # a limit that no sum of 200 squares of such channels reaches, as float32 and as int32
FAR = np.float32(400)  # squared pixels, beyond which being farther from the tracked place costs no more


@njit(cache=True, nogil=True)
def difference(target: np.ndarray, key: np.ndarray, x: int, y: int, u: int, v: int, limit: np.float32) -> np.float32:
    """Sum of squared differences of the patches at target (x, y) and key (u, v); given up once over the limit.

    target (H, W * CHANNELS), key (H', W' * CHANNELS), int16: pictures whose channels carry their weights, in PARTS of a
    level. Whole numbers run four times as fast as float32: twice as many to a vector, half the memory.
    """
    here, there = np.uintp((x - REACH) * CHANNELS), np.uintp((u - REACH) * CHANNELS)  # unsigned: never wraps around
    most = np.int32(min(limit * np.float32(PARTS * PARTS), np.float32(MOST)))
    total = np.int32(0)
    for d in range(2 * REACH + 1):
        line, other = np.uintp(y - REACH + d), np.uintp(v - REACH + d)
        for i in range(np.uintp(WIDTH)):
            gap = np.int32(target[line, here + i]) - np.int32(key[other, there + i])
            total += np.int32(gap * gap)
        if total >= most:
            break
    return np.float32(total) / np.float32(PARTS * PARTS)


@njit(cache=True, nogil=True, inline="always")
def scrambled(a: int, b: int, c: int) -> int:
    """31 bits that look random: the same everywhere for the same numbers."""
    h = (a * 0x9E3779B1 + b * 0x85EBCA77 + c * 0xC2B2AE3D) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    h = ((h ^ (h >> 12)) * 0x297A2D39) & 0xFFFFFFFF
    return (h ^ (h >> 15)) & 0x7FFFFFFF


@njit(cache=True, nogil=True)
def penalty(prior: Array, pull: np.float32, hole: np.float32, price: Array, u: int, v: int) -> np.float32:
    """What being at key (u, v) costs beside looks: distance from the tracked place, and borrowing from the foreground."""
    dx, dy = np.float32(u) - prior[0], np.float32(v) - prior[1]
    return pull * min(dx * dx + dy * dy, FAR) + hole * price[v, u]


@njit(cache=True, nogil=True)
def sweep(
    target: np.ndarray,
    key: np.ndarray,
    match: np.ndarray,
    prior: Array,
    pull: Array,
    hole: Array,
    price: Array,
    band: np.ndarray,
    forth: bool,
    radius: float,
    tries: int,
    seed: int,
) -> None:
    """One pass of PatchMatch (Barnes et al. 2009) over the band, improving `match` in place.

    Candidates are the neighbours' matches moved along, the tracked place, and `tries` random places around the best,
    each within 0.4 of the last one's radius.

    Args:
        target, key: see `difference`.
        match: (H, W, 2) int32, x and y in the key.
        prior: (H, W, 2), the tracked place. pull: (H, W), its strength per squared pixel.
        hole: (H, W) and price: (H', W'); their product is added.
        band: (H, W) bool, where to search.
        forth: from the top left; else from the bottom right.
    """
    height, width = band.shape
    last_x, last_y = price.shape[1] - 1 - REACH, price.shape[0] - 1 - REACH
    back = -1 if forth else 1
    for row in range(REACH, height - REACH):
        y = row if forth else height - 1 - row
        for column in range(REACH, width - REACH):
            x = column if forth else width - 1 - column
            if not band[y, x]:
                continue
            near, strength, open_ = prior[y, x], pull[y, x], hole[y, x]
            bu, bv = match[y, x, 0], match[y, x, 1]
            least = penalty(near, strength, open_, price, bu, bv) + difference(
                target, key, x, y, bu, bv, np.float32(np.inf)
            )
            reach = np.float32(radius)
            for candidate in range(3 + tries):
                if candidate == 0:
                    if not REACH <= x + back < width - REACH:
                        continue
                    u, v = match[y, x + back, 0] - back, match[y, x + back, 1]
                elif candidate == 1:
                    if not REACH <= y + back < height - REACH:
                        continue
                    u, v = match[y + back, x, 0], match[y + back, x, 1] - back
                elif candidate == 2:
                    u, v = int(np.rint(near[0])), int(np.rint(near[1]))
                else:
                    bits = scrambled(x, y, seed * 16 + candidate)
                    u = bu + int(np.rint(reach * (np.float32(bits & 0x7FFF) / np.float32(0x3FFF) - 1)))
                    v = bv + int(np.rint(reach * (np.float32(bits >> 16) / np.float32(0x3FFF) - 1)))
                    reach *= np.float32(0.4)
                u, v = min(max(u, REACH), last_x), min(max(v, REACH), last_y)
                if u == bu and v == bv:
                    continue
                cost = penalty(near, strength, open_, price, u, v)
                if cost < least:
                    cost += difference(target, key, x, y, u, v, least - cost)
                    if cost < least:
                        least, bu, bv = cost, u, v
            match[y, x, 0], match[y, x, 1] = bu, bv


@njit(cache=True, nogil=True)
def vote(match: np.ndarray, key: Array, band: np.ndarray, near: np.ndarray, out: Array) -> None:
    """Set each pixel of the band to the mean of the key patches that cover it.

    match (H, W, 2) int32, key (H', W' * 3), band (H, W) bool, near (H, W) bool: patches that reach into the band,
    out (H, W, 3).
    """
    height, width = band.shape
    total = np.zeros((height, width * 3), np.float32)
    for y in range(REACH, height - REACH):
        for x in range(REACH, width - REACH):
            if not near[y, x]:
                continue
            here, there = np.uintp((x - REACH) * 3), np.uintp((match[y, x, 0] - REACH) * 3)
            for d in range(-REACH, REACH + 1):
                line, other = np.uintp(y + d), np.uintp(match[y, x, 1] + d)
                for i in range(np.uintp(3 * (2 * REACH + 1))):
                    total[line, here + i] += key[other, there + i]
    for y in range(height):
        rows = min(y + REACH, height - 1 - REACH) - max(y - REACH, REACH) + 1
        for x in range(width):
            if band[y, x]:
                columns = min(x + REACH, width - 1 - REACH) - max(x - REACH, REACH) + 1
                for c in range(3):
                    out[y, x, c] = total[y, 3 * x + c] / np.float32(rows * columns)
