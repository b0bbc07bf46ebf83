"""The background's motion as one affine map: what is left to go by where a picture is flat or enters at the border."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import grid

SAMPLES = 2000
WITHIN = 2.5  # pixels off the affine map that still agree with it


def affine_background(displacement: Array, trusted: np.ndarray) -> Array | None:
    """The affine motion that most trusted pixels agree with (RANSAC, Fischler and Bolles 1981), everywhere.

    Args:
        displacement: (H, W, 2).
        trusted: (H, W) bool.

    Returns:
        (H, W, 2), or None where too few pixels are trusted.
    """
    h, w = trusted.shape
    every = max(1, round((h * w / SAMPLES) ** 0.5))
    sampled = trusted[::every, ::every]
    if sampled.sum() < 50:
        return None
    here = grid(h, w)[::every, ::every][sampled]
    there = here + displacement[::every, ::every][sampled]
    matrix, _ = cv2.estimateAffine2D(here, there, ransacReprojThreshold=WITHIN, maxIters=500)
    if matrix is None:
        return None
    matrix[:, :2] -= np.eye(2)
    return cv2.transform(grid(h, w), matrix).astype(np.float32, copy=False)
