"""What may be behind something that is taken out of a picture: made of what is beside it, so that texture goes on."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.types import Array

LINES = 480  # lines of a picture in which the lengths below are pixels
AROUND = 6.0  # pixels that are filled in around the hole
SOFT = 3.0  # pixels, of its edge
REACH = 5.0  # pixels, from which a first filling is made (Telea 2004)
SMALL = 240  # lines of a picture for that


def filled(picture: Array, hole: np.ndarray) -> Array:
    """A picture with a hole closed: every row of it goes on mirrored from the left, and over to what it is on the right.

    Args:
        picture: (3, H, W) in [0, 1].
        hole: (H, W) bool.
    """
    if not hole.any() or hole.all():
        return picture
    unit = max(min(hole.shape) / LINES, 0.25)
    wide = 2 * round(AROUND * unit) + 1
    gap = cv2.dilate(hole.astype(np.uint8), np.ones((wide, wide), np.uint8))
    rows = _mirrored(_smeared(picture, gap), gap > 0)
    cover = np.maximum(cv2.GaussianBlur(gap.astype(np.float32), (0, 0), SOFT * unit), gap)
    return np.asarray(picture + cover * (rows - picture), np.float32)


def _smeared(picture: Array, gap: np.ndarray) -> Array:
    """The picture with its gap closed smoothly, for where the rows have nothing to mirror."""
    height, width = gap.shape
    scale = min(1.0, SMALL / min(height, width))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    shrunk = cv2.resize(to_uint8(picture).transpose(1, 2, 0), small, interpolation=cv2.INTER_AREA)
    hole = (cv2.resize(gap, small, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    smooth = cv2.resize(
        cv2.inpaint(shrunk, hole, REACH, cv2.INPAINT_TELEA), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return np.where(gap > 0, from_uint8(np.asarray(smooth, np.uint8).transpose(2, 0, 1)), picture)


def _mirrored(picture: Array, gap: np.ndarray) -> Array:
    """The gap's pixels by those beside it in their row, from both sides, the nearer counting more."""
    made, width = picture.copy(), gap.shape[1]
    for y in np.flatnonzero(gap.any(1)).tolist():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], gap[y].astype(np.int8), [0]])))
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            x = np.arange(start, stop)
            left, right = 2 * start - 1 - x, 2 * stop - 1 - x
            share = (x - start + 0.5) / (stop - start)  # of the right side
            share = np.where(left < 0, 1, np.where(right >= width, 0, share))
            left, right = (np.clip(side, 0, width - 1) for side in (left, right))
            made[:, y, start:stop] = (1 - share) * picture[:, y, left] + share * picture[:, y, right]
    return made
