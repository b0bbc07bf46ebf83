"""Whether a style is a filter or paint: measured on parts of the key that the predictor has not seen."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array


def filter_share(styled: Array, predicted: Array, unseen: np.ndarray) -> float:
    """How far the style is a filter, whose very texture follows from the source: 0 for paint, 1 for a filter.

    texture = 1 - |h(S - P)|^2 / (|h S|^2 + 4), h = x - G2 x: what share of the key's fine texture is predicted. Measured
    values lie above 0.7 for filters, under 0.6 for keys with strokes of their own. A prediction that is nearly exact
    counts as a filter whatever its texture.

    Args:
        styled, predicted: (H, W, 3) in 0..255.
        unseen: (H, W) bool, pixels that the predictor has not learnt from.
    """
    error = styled - predicted
    exact = 1 - smoothstep(10, 40, float(np.square(error[unseen]).mean()))
    inner = _inner(unseen)
    texture = 1 - _power(high_pass(error), inner) / (_power(high_pass(styled), inner) + 4)
    return max(smoothstep(0.6, 0.7, texture), exact)


def high_pass(image: Array) -> Array:
    return image - cv2.GaussianBlur(image, (0, 0), 2)


def smoothstep(low: float, high: float, value: float) -> float:
    x = min(max((value - low) / (high - low), 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _power(image: Array, mask: np.ndarray) -> float:
    return float(np.square(image[mask]).mean())


def held_out(height: int, width: int) -> np.ndarray:
    """(H, W) bool: every fourth block of the picture, kept from the fit to judge it by."""
    side = int(np.clip(min(height, width) // 8, 2, 24))
    row, column = np.arange(height)[:, None] // side, np.arange(width)[None, :] // side
    return (column + 2 * row) % 4 == 0


def _inner(blocks: np.ndarray) -> np.ndarray:
    """The blocks without a margin as wide as the high-pass; the blocks themselves where nothing would be left."""
    inner = cv2.erode(blocks.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    return inner if inner.any() else blocks
