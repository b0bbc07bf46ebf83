"""How far a predictor is trusted: measured on parts of the key it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from v2v_studio.types import Array


@dataclass(frozen=True)
class Gates:
    """Weights in [0, 1].

    Attributes:
        filter: of the prediction itself. 1 for a style that is a filter: its very texture follows from the source.
        shading: of slow changes that the prediction sees (light, new tones), added to the key's own texture.
    """

    filter: float
    shading: float


def gates(styled: Array, predicted: Array, unseen: np.ndarray) -> Gates:
    """Compare the key with its prediction on pixels the predictor has not learnt from.

    colour = 1 - |S - P|^2 / var S           is the style a function of appearance at all?
    texture = 1 - |h(S - P)|^2 / (|h S|^2 + 4)   is its texture, h = x - G2 x, predictable too?

    Args:
        styled, predicted: (H, W, 3) in 0..255.
        unseen: (H, W) bool.
    """
    error = styled - predicted
    mean_square = float(np.square(error[unseen]).mean())
    colour = 1 - mean_square / (float(styled[unseen].var(0).mean()) + 1e-3)
    inner = _inner(unseen)
    texture = 1 - _power(high_pass(error), inner) / (_power(high_pass(styled), inner) + 4)
    exact = 1 - smoothstep(10, 40, mean_square)
    return Gates(
        filter=max(smoothstep(0.55, 0.68, texture), exact),
        shading=smoothstep(0.75, 0.88, colour) * smoothstep(0.25, 0.4, texture),
    )


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
