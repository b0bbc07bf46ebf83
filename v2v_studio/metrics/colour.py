"""Drift of colour away from the first frame."""

from __future__ import annotations

import numpy as np

from v2v_studio.metrics.cells import cell_average, cell_means
from v2v_studio.types import Array

MOST_GAIN = 2.0  # a look may double the contrast of its footage

# linear sRGB -> cone response, and its cube root -> Oklab (Ottosson 2020, "A perceptual color space")
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: Array) -> Array:
    """sRGB (3, ...) in [0, 1] -> Oklab (3, ...): L in [0, 1], a and b around 0. A distance of 0.02 is just seen."""
    rgb = np.clip(rgb, 0, 1)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.tensordot(_LAB, np.cbrt(np.tensordot(_CONES, linear, 1)), 1)


def colour_change(first: Array, current: Array, visible: Array) -> tuple[Array, Array]:
    """How the mean colour of each cell has changed since the first frame.

    Args:
        first: (3, H, W), the first frame warped onto the current frame's grid.
        current: (3, H, W).
        visible: (H, W) in [0, 1], how surely the first frame supplies each pixel; the rest does not count.

    Returns:
        differences in Oklab (3, rows, columns), and the cells' weights (rows, columns).
    """
    before, weight = cell_means(first, visible)
    after, _ = cell_means(current, visible)
    return oklab(after) - oklab(before), weight


def colour_drift(source_change: Array, output_change: Array, weight: Array) -> float:
    """Mean over cells of the part of the output's colour change that its footage's does not explain, in Oklab.

    A sunset in the footage may change the output too, more or less than the footage itself, but in the same direction:
    the drift of a cell is the least |output - g * source| over gains g from 0 to MOST_GAIN.
    """
    along = (output_change * source_change).sum(0) / np.maximum((source_change**2).sum(0), 1e-12)
    left = output_change - np.clip(along, 0, MOST_GAIN) * source_change
    return cell_average(length(left), weight)


def length(vectors: Array) -> Array:
    """(3, ...) -> (...)."""
    return np.sqrt((vectors**2).sum(0))
