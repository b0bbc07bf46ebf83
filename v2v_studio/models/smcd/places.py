"""Boxes in pixels as SMCD reads them (sections 9 and 16 of its fact sheet; exact)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from v2v_studio.types import Array

SLOTS = 8  # objects a frame that it was trained with; free slots count, since no mask keeps them out of its attention
MISSING = (0.0, 0.0, 1.0, 1.0)


def normalised(boxes: Array, present: NDArray[np.bool_], size: tuple[int, int]) -> Array:
    """Boxes in pixels as shares of a picture of a size (width, height), cut at its edges (SMCD's released data code).

    Args:
        boxes: (T, N, 4) x0, y0, x1, y1.
        present: (T, N). An object that is not has the whole picture for a box, which nothing reads.

    Returns:
        (T, N, 4) in [0, 1].
    """
    shares = np.clip(boxes / np.array([*size, *size], np.float32), 0, 1)
    return np.where(present[..., None], shares, np.array(MISSING, np.float32)).astype(np.float32)


def padded(boxes: Array, present: NDArray[np.bool_], slots: int = SLOTS) -> tuple[Array, NDArray[np.bool_]]:
    """The same with free slots after the objects, up to `slots` where there are fewer: boxes of nought, not present."""
    free = max(0, slots - boxes.shape[1])
    return np.pad(boxes, ((0, 0), (0, free), (0, 0))), np.pad(present, ((0, 0), (0, free)))
