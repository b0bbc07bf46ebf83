"""What a painted region looks like: which colours are its own, and where its edge runs in a picture."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import pixels

BINS = 16  # a channel
RARE = 2e-4  # share of a region that a colour must have to speak for it
NEW = 3.0  # how much likelier a colour that was not there before is outside: a region is painted whole
SURE = 3.0  # most that a colour says, as a logarithm of odds
SMOOTH = 1e-3  # variance of colour that is no edge yet


class Colours:
    """Colours inside a region against those around it.

    Args:
        frame: (3, H, W) RGB in [0, 1].
        mask: (H, W) in [0, 1].
        around: pixels beyond the region that count as its surroundings.
    """

    def __init__(self, frame: Array, mask: Array, around: int) -> None:
        beside = cv2.dilate((mask > 0.5).astype(np.uint8), np.ones((2 * around + 1, 2 * around + 1), np.uint8))
        bins = _bins(frame)
        inside, outside = _shares(bins, mask), _shares(bins, (1 - mask) * beside)
        odds = np.log((inside + RARE) / (outside + NEW * RARE))
        self._odds = np.clip(odds, -SURE, SURE).astype(np.float32)

    def odds(self, frame: Array) -> Array:
        """(H, W): logarithm of the odds that a pixel of this colour lies inside, within +-SURE."""
        return self._odds[_bins(frame)]


def _bins(frame: Array) -> np.ndarray:
    red, green, blue = np.minimum((frame * BINS).astype(np.int32), BINS - 1)
    return (red * BINS + green) * BINS + blue


def _shares(bins: np.ndarray, weight: Array) -> np.ndarray:
    """(BINS^3,): how much of the weight falls to each colour, the next ones getting some of it."""
    counts: np.ndarray = np.bincount(bins.ravel(), weight.ravel(), BINS**3).reshape(BINS, BINS, BINS)
    for axis in range(3):
        padded = np.pad(counts, [(int(a == axis),) * 2 for a in range(3)])
        below, same, above = (padded.take(range(start, start + BINS), axis) for start in range(3))
        counts = (below + 2 * same + above) / 4
    return counts.ravel() / max(counts.sum(), 1e-9)


def snapped(mask: Array, frame: Array, radius: int, every: int) -> Array:
    """The mask with its edge drawn to the frame's: guided filter by colour (He et al. 2013, Eq. 19 to 21).

    Solved on a picture `every` times smaller (He and Sun 2015), which costs the same at any size.

    Args:
        mask: (H, W) in [0, 1].
        frame: (3, H, W) RGB in [0, 1].
        radius: of the windows, in pixels of the smaller picture.

    Returns:
        (H, W), about [0, 1].
    """
    h, w = mask.shape
    size = max(1, w // every), max(1, h // every)
    picture = pixels(frame)
    guide, target = (cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (picture, mask))
    mean_guide, mean = _mean(guide, radius), _mean(target, radius)
    with_target = _mean(guide * target[..., None], radius) - mean_guide * mean[..., None]
    products = [[_mean(guide[..., i] * guide[..., j], radius) for j in range(3)] for i in range(3)]
    covariance = np.moveaxis(np.array(products), (0, 1), (-2, -1)) - mean_guide[..., :, None] * mean_guide[..., None, :]
    slope = np.linalg.solve(covariance + SMOOTH * np.eye(3, dtype=np.float32), with_target[..., None])[..., 0]
    level = mean - (slope * mean_guide).sum(-1)
    slope, level = (cv2.resize(_mean(a, radius), (w, h), interpolation=cv2.INTER_LINEAR) for a in (slope, level))
    return np.asarray((slope * picture).sum(-1) + level, np.float32)


def _mean(values: np.ndarray, radius: int) -> np.ndarray:
    return cv2.blur(values, (2 * radius + 1, 2 * radius + 1))
