"""Reading the key along a displacement."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Anchor, Array
from v2v_studio.warping import backward_warp, pixels, planes


def opened(anchor: Anchor) -> tuple[Array, Array]:
    """The anchor's source and styled frame, each (H, W, 3) in 0..255."""
    return pixels(anchor.source) * np.float32(255), pixels(anchor.styled) * np.float32(255)


def lookup(image: Array, displacement: Array) -> Array:
    """(H, W, 3) in 0..255 sampled along (H, W, 2), bicubic; beyond its border the image is mirrored."""
    out = backward_warp(image, displacement, "cubic", cv2.BORDER_REFLECT_101)
    return np.clip(out, 0, 255, out=out)


def unit_planes(image: np.ndarray) -> Array:
    """(H, W, 3) in 0..255 -> (3, H, W) in [0, 1]."""
    return np.clip(planes(image) * np.float32(1 / 255), 0, 1)
