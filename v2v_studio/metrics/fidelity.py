"""How close a frame is to the frame it should be: PSNR, SSIM, GMSD. Frames are (3, H, W) RGB in [0, 1]."""

from __future__ import annotations

from math import log10
from typing import ClassVar

import cv2
import numpy as np

from v2v_studio.metrics.base import Better, Meter, PerFrame
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.metrics.temporal import luma
from v2v_studio.types import Array

SIGMA, RADIUS = 1.5, 5  # of SSIM's Gaussian window, in pixels: 11 x 11
STEADYING = 170 / 255**2  # T of GMSD, for squared gradients of pictures in [0, 1]
_PREWITT = np.array([[1, 0, -1]] * 3, np.float32) / 3


def mean_square(one: Array, other: Array) -> float:
    """The mean of (one - other)^2."""
    return float(np.mean((one.astype(np.float64) - other) ** 2))


def psnr(squared: float) -> float | None:
    """Peak signal-to-noise ratio of a mean squared error, in decibels: -10 log10(squared), peak 1. None of 0."""
    return -10 * log10(squared) if squared else None


def ssim(one: Array, other: Array) -> float:
    """Structural similarity, mean over channels and pixels at least RADIUS from the border.

    (2 m n + C1) (2 c + C2) / ((m^2 + n^2 + C1) (v + w + C2)) of local means m, n, variances v, w and covariance c under
    a Gaussian of SIGMA; C1 = 0.01^2, C2 = 0.03^2 (Wang et al. 2004, Eq. 13).
    """
    return float(np.mean([_ssim_plane(a, b) for a, b in zip(one, other, strict=True)]))


def gmsd(one: Array, other: Array) -> float:
    """Gradient magnitude similarity deviation: how unevenly edges are kept; 0 where all are.

    The standard deviation over pixels of (2 g h + T) / (g^2 + h^2 + T), g and h being the Prewitt gradient magnitudes of
    luma at half size (Xue et al. 2014, Eq. 4 and 6).
    """
    g, h = _gradient(one), _gradient(other)
    return float(((2 * g * h + STEADYING) / (g * g + h * h + STEADYING)).std())


class Psnr:
    """Peak signal-to-noise ratio, of the mean squared error over all frames: empty where nothing differs."""

    better: ClassVar[Better] = "higher"
    unit, source = "dB", "-10 log10 of the mean squared error, peak 1"
    needs, models = ("reference",), ()

    def open(self, clip: Clip) -> Meter:
        return _PsnrMeter()


class _PsnrMeter:
    def __init__(self) -> None:
        self._squared: list[float] = []

    def add(self, pair: Pair) -> None:
        self._squared.append(mean_square(pair.frame, pair.held_against))

    def value(self) -> float | None:
        return psnr(float(np.mean(self._squared)))


class Ssim(PerFrame):
    """Structural similarity, mean over frames."""

    better, source = "higher", "Wang et al. 2004, Eq. 13"

    def frame(self, pair: Pair) -> float:
        return ssim(pair.frame, pair.held_against)


class Gmsd(PerFrame):
    """Gradient magnitude similarity deviation, mean over frames."""

    source = "Xue et al. 2014, Eq. 4 and 6"

    def frame(self, pair: Pair) -> float:
        return gmsd(pair.frame, pair.held_against)


def _ssim_plane(one: Array, other: Array) -> float:
    m, n = _local(one), _local(other)
    v, w, c = _local(one * one) - m * m, _local(other * other) - n * n, _local(one * other) - m * n
    similarity = (2 * m * n + 1e-4) * (2 * c + 9e-4) / ((m * m + n * n + 1e-4) * (v + w + 9e-4))
    inner = np.s_[RADIUS:-RADIUS, RADIUS:-RADIUS] if min(one.shape) > 2 * RADIUS else np.s_[:, :]
    return float(similarity[inner].mean())


def _local(plane: Array) -> np.ndarray:
    """Local means; in double precision, for variances are differences of nearly equal numbers."""
    blurred = cv2.GaussianBlur(
        plane.astype(np.float64), (2 * RADIUS + 1,) * 2, SIGMA, borderType=cv2.BORDER_REFLECT_101
    )
    return np.asarray(blurred)


def _gradient(frame: Array) -> Array:
    """Prewitt gradient magnitude of luma at half size."""
    grey = luma(frame)
    h, w = grey.shape
    half = cv2.resize(grey, (max(w // 2, 1), max(h // 2, 1)), interpolation=cv2.INTER_AREA)
    return np.hypot(cv2.filter2D(half, -1, _PREWITT), cv2.filter2D(half, -1, _PREWITT.T))
