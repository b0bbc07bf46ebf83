"""Which pixels the target cannot supply: two that claim the same place, and matches that cost too much."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import grid, inside

APART = 6.0  # pixels between two claimants that cannot be neighbours of one surface


def occluded(displacement: Array, cost: Array) -> np.ndarray:
    """(H, W) bool: pixels whose place in the target belongs to another, cheaper pixel far from them, or that leave it.

    A z-buffer with the matching cost in the place of depth.
    """
    h, w = cost.shape
    stay = inside(displacement)
    position = np.rint(grid(h, w) + displacement).astype(np.int32)
    place = np.where(stay, position[..., 1] * w + position[..., 0], h * w).ravel()
    cheapest_last = np.argsort(255 - cost.astype(np.uint8), axis=None, kind="stable")  # 8 bits: a radix sort
    winner = np.zeros(h * w + 1, np.int32)
    winner[place[cheapest_last]] = cheapest_last
    rival = winner[place].reshape(h, w)
    rival_y, rival_x = np.divmod(rival, w)
    apart = np.abs(rival_x - np.arange(w)) + np.abs(rival_y - np.arange(h)[:, None])
    return ~stay | ((apart > APART) & (cost > 1.3 * cost.ravel()[rival] + 3))


def confidence(cost: Array, hidden: np.ndarray) -> Array:
    """(H, W) in [0, 1] from the matching cost and the occluded pixels."""
    return (1 - 0.9 * cv2.GaussianBlur(hidden.astype(np.float32), (0, 0), 1)) / (1 + np.square(np.square(cost / 25)))


def remembered(now: Array, then: Array) -> Array:
    """Confidence rises slowly and falls at once: `then` is that of the frame before, carried onto this one's grid."""
    return np.minimum(now, 0.7 * then + 0.3 * now + 0.15)
