"""A styled frame laid over its source through a mask, mixed as light mixes."""

from __future__ import annotations

import numpy as np

from v2v_studio.types import Array


def composite(source: Array, styled: Array, mask: Array) -> Array:
    """The styled frame where the mask is 1, the source where it is 0, both to the bit; between, a mix in linear light.

    Args:
        source, styled: (3, H, W) sRGB in [0, 1].
        mask: (H, W) in [0, 1].

    Returns:
        (3, H, W) sRGB in [0, 1].
    """
    out = np.where(mask == 1, styled, source)
    mixed = (mask > 0) & (mask < 1)
    share = mask[mixed]
    out[:, mixed] = encoded((1 - share) * light(source[:, mixed]) + share * light(styled[:, mixed]))
    return out


def light(srgb: Array) -> Array:
    """sRGB values -> linear light (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(linear: Array) -> Array:
    """Linear light -> sRGB values (IEC 61966-2-1)."""
    curve = 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve).astype(np.float32)
