"""Reading a picture of the key along a map."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Anchor, Array
from v2v_studio.warping import pixels


def opened(anchor: Anchor) -> tuple[Array, Array]:
    """The anchor's source and styled frame, each (H, W, 3) in 0..255."""
    return pixels(anchor.source) * 255, pixels(anchor.styled) * 255


def lookup(image: Array, place: Array) -> Array:
    """(H, W, 3) in 0..255 sampled at positions (H, W, 2), bicubic; beyond its border the image is mirrored."""
    out = cv2.remap(image, place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.clip(out, 0, 255, out=out)
