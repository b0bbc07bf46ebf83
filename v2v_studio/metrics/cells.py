"""Averages over a coarse grid: what the eye sees of brightness and colour, blind to texture that moved by a pixel."""

from __future__ import annotations

import numpy as np

from v2v_studio.types import Array

CELLS = 12  # rows and columns of the grid; a cell is about a head in a medium shot
LEAST_SHARE = 0.1  # a cell with less of its area to go by is left out


def cell_means(planes: Array, weight: Array) -> tuple[Array, Array]:
    """Weighted mean of each cell of a grid of CELLS x CELLS (of fewer, where there are fewer pixels).

    Args:
        planes: (C, H, W).
        weight: (H, W) in [0, 1].

    Returns:
        means (C, rows, columns), zero where a cell is left out, and the cells' shares (rows, columns), likewise.
    """
    sums = _cell_sums(weight)
    share = sums / _cell_sums(np.ones_like(weight))
    kept = share >= LEAST_SHARE
    means = np.where(kept, _cell_sums(planes * weight) / np.where(kept, sums, 1), 0)
    return means.astype(np.float32), np.where(kept, share, 0).astype(np.float32)


def cell_average(values: Array, weight: Array) -> float:
    """One number from one value per cell (rows, columns); 0 where no cell has any weight."""
    total = float(weight.sum())
    return float((values * weight).sum() / total) if total > 0 else 0.0


def _cell_sums(planes: Array) -> Array:
    """(..., H, W) -> (..., rows, columns), the sum of each cell's pixels."""
    sums: Array = np.add.reduceat(np.add.reduceat(planes, _starts(planes.shape[-2]), -2), _starts(planes.shape[-1]), -1)
    return sums


def _starts(length: int) -> np.ndarray:
    """The first pixel of each cell along one side."""
    return np.unique(np.arange(CELLS) * length // CELLS)
