"""What the marks follow: directions, smoothing and lines along the structure of a picture.

Pictures here are (H, W, 3) or (H, W), float32 in [0, 1], as OpenCV wants them. Lengths are in pixels; callers multiply
by `unit`, so that a look is the same at every size.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[Any]  # float32; numpy's annotations lose the width wherever a Python number takes part


def unit(picture: Plane) -> float:
    """Pixels per 1/480 of the shorter side: the length that every mark is measured in."""
    return min(picture.shape[:2]) / 480


def blur(picture: Plane, sigma: float) -> Plane:
    """Gaussian blur; a wide one is done on a smaller picture, which costs the same for every sigma."""
    h, w = picture.shape[:2]
    shrink = max(1, int(sigma / 4))
    if shrink == 1 or min(h, w) < 2 * shrink:
        return cv2.GaussianBlur(picture, (0, 0), max(sigma, 1e-3), borderType=cv2.BORDER_REFLECT_101)
    small = cv2.resize(picture, (round(w / shrink), round(h / shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REFLECT_101)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)


def smoothstep(low: float, high: float, value: Plane) -> Plane:
    """0 below `low`, 1 above `high`, and a smooth ramp between; falling where `low` is the greater."""
    x = np.clip((value - low) / (high - low), 0, 1)
    return x * x * (3 - 2 * x)


def tangents(picture: Plane, sigma: float) -> Plane:
    """Unit vectors (H, W, 2) along the edges: the weak eigenvector of the structure tensor (Di Zenzo 1986).

    The tensor is averaged over `sigma`; a weak and wide second average decides where the near one sees nothing flat.
    """
    smooth = blur(picture, 0.25 * sigma)
    gx, gy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    if picture.ndim == 3:
        tensor = np.stack([(gx * gx).sum(2), (gy * gy).sum(2), (gx * gy).sum(2)], axis=2)
    else:
        tensor = np.stack([gx * gx, gy * gy, gx * gy], axis=2)
    tensor = blur(tensor, sigma) + 0.1 * blur(tensor, 6 * sigma)
    across = 0.5 * np.arctan2(2 * tensor[..., 2], tensor[..., 0] - tensor[..., 1])
    return np.stack([-np.sin(across), np.cos(across)], axis=2)


def _grid(picture: Plane) -> tuple[Plane, Plane]:
    h, w = picture.shape[:2]
    y, x = np.indices((h, w), dtype=np.float32)
    return x, y


def _sample(picture: Plane, x: Plane, y: Plane, nearest: bool = False) -> Plane:
    way = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    return cv2.remap(picture, x, y, way, borderMode=cv2.BORDER_REFLECT_101)


def along(picture: Plane, direction: Plane, length: float, steps: int = 8) -> Plane:
    """The mean along the stream line through each pixel, `length` px both ways (LIC, Cabral and Leedom 1993)."""
    total, stride = picture.copy(), np.float32(length / steps)
    for sign in (1, -1):
        x, y = _grid(picture)
        heading = direction * np.float32(sign)
        for _ in range(steps):
            x, y = x + heading[..., 0] * stride, y + heading[..., 1] * stride
            total += _sample(picture, x, y)
            ahead = _sample(direction, x, y, nearest=True)
            turn = np.where((ahead * heading).sum(2, keepdims=True) < 0, np.float32(-1), np.float32(1))
            heading = ahead * turn
    return total / np.float32(2 * steps + 1)


def across(picture: Plane, direction: Plane, sigma: float) -> tuple[Plane, Plane]:
    """Gaussian means of a (H, W) picture across the direction, of width sigma and 1.6 sigma."""
    x, y = _grid(picture)
    stride = 0.6 * sigma
    narrow = wide = picture.copy()
    narrow_sum = wide_sum = 1.0
    for step in range(1, 7):
        d = np.float32(step * stride)
        dx, dy = -direction[..., 1] * d, direction[..., 0] * d
        both = _sample(picture, x + dx, y + dy) + _sample(picture, x - dx, y - dy)
        near, far = np.exp(-((step * 0.6) ** 2) / 2), np.exp(-((step * 0.6 / 1.6) ** 2) / 2)
        narrow, wide = narrow + np.float32(near) * both, wide + np.float32(far) * both
        narrow_sum, wide_sum = narrow_sum + 2 * near, wide_sum + 2 * far
    return narrow / np.float32(narrow_sum), wide / np.float32(wide_sum)


def slanted(direction: Plane, angle: float, share: float) -> Plane:
    """Unit vectors between a fixed slant and the structure: how a hand that shades at `angle` degrees follows forms.

    Args:
        direction: (H, W, 2) from `tangents`.
        angle: of the hand, degrees up from the horizontal.
        share: weight of the structure beside the slant's 1.
    """
    hand = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))], np.float32)
    turned = direction * np.where((direction * hand).sum(2, keepdims=True) < 0, np.float32(-1), np.float32(1))
    mixed = hand + np.float32(share) * turned
    return mixed / np.linalg.norm(mixed, axis=2, keepdims=True)


def lines(picture: Plane, direction: Plane, width: float, least: float = 0.01) -> Plane:
    """How surely a draughtsman would draw a line here: (H, W) in [0, 1], from a flow-based difference of Gaussians.

    The difference is taken across the edge and gathered along it (Kang et al. 2007), relative to the brightness beside
    it (Winnemoeller et al. 2012), so that lines are found in shadows too; the strongest channel counts, so that two
    colours of one lightness are parted.

    Args:
        picture: (H, W, 3) or (H, W).
        direction: (H, W, 2) from `tangents`.
        width: sigma of the narrower Gaussian, about a third of the line's breadth.
        least: relative contrast where a line begins; it is full at three times that.
    """
    narrow, wide = across(picture, direction, width)
    dark = (wide - narrow) / (wide + 0.2)
    if dark.ndim == 3:
        dark = dark.max(2)
    return smoothstep(least, 3 * least, along(dark, direction, 6 * width))


def simplify(picture: Plane, direction: Plane, radius: float) -> Plane:
    """Smooth inside regions and keep their borders crisp: Kuwahara filter (anisotropic as in Kyprianidis et al. 2009).

    The mean of eight Gaussian blobs on an ellipse about each pixel, twice as long along the direction, weighted by how
    uniform each blob is.
    """
    mean = blur(picture, radius / 2)
    square = blur(picture * picture, radius / 2)
    spread = np.maximum(square - mean * mean, 0).sum(2)
    stack = np.dstack([mean, spread])
    x, y = _grid(picture)
    total = np.zeros_like(picture)
    weights = np.zeros(picture.shape[:2], np.float32)
    for angle in np.arange(8) * (np.pi / 4):
        a, b = np.float32(2 * radius * np.cos(angle)), np.float32(radius * np.sin(angle))
        blob = _sample(
            stack, x + a * direction[..., 0] - b * direction[..., 1], y + a * direction[..., 1] + b * direction[..., 0]
        )
        weight = (blob[..., 3] + np.float32(2e-4)) ** np.float32(-3)
        total += blob[..., :3] * weight[..., None]
        weights += weight
    return total / weights[..., None]
