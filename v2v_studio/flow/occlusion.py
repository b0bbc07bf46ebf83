"""Which pixels the target cannot supply: two that claim the same place, and matches that cost too much."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import grid, within

APART = 6.0  # pixels between two claimants that cannot be neighbours of one surface


def occluded(displacement: Array, cost: Array) -> np.ndarray:
    """(H, W) bool: pixels whose place in the target belongs to another, cheaper pixel far from them, or that leave it.

    A z-buffer with the matching cost in the place of depth, at half size.
    """
    h, w = cost.shape
    small = cost[::2, ::2]
    rows, columns = small.shape
    position = grid(h, w)[::2, ::2] + displacement[::2, ::2]
    stays = within(position, h, w)
    place = (position * np.float32(0.5)).astype(np.int32)
    place = np.where(stays, place[..., 1] * columns + place[..., 0], rows * columns).ravel()
    cheapest_last = np.argsort(255 - small.astype(np.uint8), axis=None, kind="stable")  # 8 bits: a radix sort
    winner = np.zeros(rows * columns + 1, np.int32)
    winner[place[cheapest_last]] = cheapest_last
    rival = winner[place].reshape(rows, columns)
    rival_y, rival_x = np.divmod(rival, columns)
    apart = np.abs(rival_x - np.arange(columns)) + np.abs(rival_y - np.arange(rows)[:, None])
    hidden = ~stays | ((apart > APART / 2) & (small > 1.3 * small.ravel()[rival] + 3))
    return np.repeat(np.repeat(hidden, 2, 0), 2, 1)[:h, :w]


def confidence(cost: Array, hidden: np.ndarray) -> Array:
    """(H, W) in [0, 1] from the matching cost and the occluded pixels."""
    return (1 - 0.9 * cv2.GaussianBlur(hidden.astype(np.float32), (0, 0), 1)) / (1 + np.square(np.square(cost / 25)))


def remembered(now: Array, then: Array) -> Array:
    """Confidence rises slowly and falls at once: `then` is that of the frame before, carried onto this one's grid."""
    return np.minimum(now, 0.7 * then + 0.3 * now + 0.15)
