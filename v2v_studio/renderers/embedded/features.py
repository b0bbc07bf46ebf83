"""What the predictor sees of a pixel: 44 numbers from its surroundings in the source frame."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array

SCALES = (0.8, 1.3, 2.0, 3.2, 5.0, 8.0)
FEATURES = 44


def features(image: Array) -> Array:
    """(H, W, 3) RGB in 0..255 -> (44, H, W).

    Six bands of luma and what is left, the 5 x 5 neighbourhood less its blur, colour sharp and blurred, gradient
    magnitude at two scales, colour smoothed up to its edges (He et al. 2010) and two bands of that.
    """
    h, w = image.shape[:2]
    out = np.empty((FEATURES, h, w), np.float32)
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    blurred = [cv2.GaussianBlur(luma, (0, 0), scale) for scale in SCALES]
    for i, (fine, coarse) in enumerate(zip([luma, *blurred], blurred, strict=False)):
        np.subtract(fine, coarse, out=out[i])
    out[6] = blurred[-1]
    _neighbours(luma - blurred[2], out[7:31])
    out[31:34] = image.transpose(2, 0, 1)
    out[34:37] = cv2.GaussianBlur(image, (0, 0), 1.5).transpose(2, 0, 1)
    out[37] = gradient(cv2.GaussianBlur(luma, (0, 0), 1))
    out[38] = gradient(blurred[2])
    flat = _smooth_to_edges(_smooth_to_edges(image, luma), luma)
    out[39:42] = flat.transpose(2, 0, 1)
    flat_luma = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY)
    near, far = (cv2.GaussianBlur(flat_luma, (0, 0), scale) for scale in (0.9, 1.6))
    np.subtract(flat_luma, near, out=out[42])
    np.subtract(near, far, out=out[43])
    return out


def _neighbours(detail: Array, out: Array) -> None:
    h, w = detail.shape
    padded = cv2.copyMakeBorder(detail, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    places = [(y, x) for y in range(5) for x in range(5) if (y, x) != (2, 2)]
    for plane, (y, x) in zip(out, places, strict=True):
        plane[:] = padded[y : y + h, x : x + w]


def gradient(luma: np.ndarray) -> Array:
    """Gradient magnitude (Sobel). Not by cv2.magnitude, whose last bit depends on where its arrays lie in memory."""
    right, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    return np.sqrt(right * right + down * down)


def _smooth_to_edges(image: np.ndarray, guide: np.ndarray, radius: int = 2, edge: float = 18.0) -> np.ndarray:
    """Guided filter (He et al. 2010) with a grey guide."""
    size = (2 * radius + 1,) * 2
    mean = cv2.blur(guide, size)
    variance = cv2.blur(guide * guide, size) - mean * mean
    average = cv2.blur(image, size)
    slope = (cv2.blur(image * guide[..., None], size) - average * mean[..., None]) / (variance + edge**2)[..., None]
    shift = average - slope * mean[..., None]
    return cv2.blur(slope, size) * guide[..., None] + cv2.blur(shift, size)
