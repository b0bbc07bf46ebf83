"""Loss of sharpness along a take."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.metrics.temporal import luma
from v2v_studio.types import Array

FLOOR = (0.25 / 255) ** 2  # energy of a picture without any texture, so that flat footage gives a ratio of 1


def gradient_energy(frame: Array) -> float:
    """Mean squared forward difference of luma, over both directions of a (3, H, W) frame in [0, 1], plus FLOOR."""
    y = luma(frame)
    return _mean_square_distance(y[:, 1:], y[:, :-1]) + _mean_square_distance(y[1:], y[:-1]) + FLOOR


def sharpness_ratio(first_source: float, source: float, first_output: float, output: float) -> float:
    """sqrt of (E(O_t) / E(O_0)) / (E(S_t) / E(S_0)), E being `gradient_energy`.

    1: as crisp as the first frame, footage that went out of focus or came closer allowed for. Below 1: blurred; above:
    noisier.
    """
    return float(np.sqrt((output / first_output) / (source / first_source)))


def _mean_square_distance(one: Array, other: Array) -> float:
    return cv2.norm(one, other, cv2.NORM_L2SQR) / max(one.size, 1)
