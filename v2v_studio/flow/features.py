"""What is compared between two frames: colour, local contrast and gradient."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from v2v_studio.flow.dis import eight_bit
from v2v_studio.types import Array


@dataclass(frozen=True)
class Features:
    """Pictures of one frame, uint8.

    Attributes:
        luma: (H, W), to estimate flow on.
        chroma: (H, W), the colours along one axis: a second picture to estimate flow on, where luma is flat.
        colour: (H, W, 3), RGB at half its contrast.
        shape: (H, W, 3), around 128: luma's difference from its surround, and its gradient to the right and down.
    """

    luma: np.ndarray
    chroma: np.ndarray
    colour: np.ndarray
    shape: np.ndarray


def chroma_axis(frame: Array) -> Array:
    """(4,): RGB weights and offset that take the frame's second principal colour to mean 128 and deviation 40."""
    colours = frame[:, ::4, ::4].reshape(3, -1).astype(np.float64) * 255
    variances, vectors = np.linalg.eigh(np.cov(colours))
    axis = vectors[:, 1]
    axis = axis * np.sign(axis[np.abs(axis).argmax()])  # eigh leaves the sign open
    axis = axis * 40 / np.sqrt(max(variances[1], 1.0))
    return np.append(axis, 128 - axis @ colours.mean(1)).astype(np.float32)


def features(frame: Array, axis: Array) -> Features:
    """(3, H, W) RGB in [0, 1] -> Features. `axis` is the reference's, for every frame that is compared with it."""
    rgb = eight_bit(frame)
    soft = cv2.GaussianBlur(rgb, (5, 5), 0.7)
    grey = cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY)
    surround = cv2.blur(cv2.blur(grey, (11, 11)), (7, 7))  # close to a Gaussian of 3.7 px, at a tenth of its cost
    shape = [
        cv2.addWeighted(grey, 1, surround, -1, 128),
        cv2.addWeighted(cv2.Sobel(grey, cv2.CV_16S, 1, 0), 0.25, grey, 0, 128, dtype=cv2.CV_8U),
        cv2.addWeighted(cv2.Sobel(grey, cv2.CV_16S, 0, 1), 0.25, grey, 0, 128, dtype=cv2.CV_8U),
    ]
    return Features(
        luma=cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY),
        chroma=cv2.transform(rgb, axis[None]),
        colour=cv2.convertScaleAbs(soft, alpha=0.5),
        shape=cv2.merge(shape),
    )
