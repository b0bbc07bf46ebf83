"""What is kept of the frames while a footage is watched: thumbnails of the last few seconds, numbers of every frame."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from v2v_studio.types import Array

WIDTH = 256  # longest side of a frame as detectors see it
DETAIL_WIDTH = 128  # longest side where detail is measured: fine enough for texture, coarse enough to leave out grain
THUMBNAIL = 32  # longest side of a thumbnail: motion of a few pixels hardly changes it, another picture does
NOISE = 0.03**2  # mean squared distance under which two thumbnails may differ by compression alone
GRID = 4  # blocks along a side of a thumbnail
ALIKE = 0.7  # correlation of two blocks that show the same
FLAT = 0.02  # contrast under which a frame shows nothing
PLAIN = 0.04  # contrast under which a block of a difference is mostly grain
GROUND = 0.1  # how far from black or white a plain frame may be to count as such
NEAR = 5  # how many frames back the distances of every frame are kept


def small(frame: Array) -> NDArray[np.uint8]:
    """(3, H, W) RGB in [0, 1] -> (h, w, 3) BGR uint8 of at most WIDTH pixels."""
    height, width = _within(WIDTH, *frame.shape[1:])
    planes = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in frame[::-1]]
    levels = np.rint(np.clip(np.stack(planes, axis=-1), 0, 1) * 255)
    return np.asarray(levels, dtype=np.uint8)


def _within(longest: int, height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _reduced(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width = _within(longest, *picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


@dataclass(frozen=True)
class Look:
    """One frame in numbers, all of values in [0, 1].

    Attributes:
        thumbnail: (h, w, 3) float32 BGR.
        mean: brightness.
        contrast: standard deviation of brightness.
        detail: energy of what is finer than about a sixtieth of the picture. The mean square of brightness less its blur.
    """

    thumbnail: Array
    mean: float
    contrast: float
    detail: float


def look(picture: NDArray[np.uint8]) -> Look:
    """A `small` frame in numbers."""
    grey = cv2.cvtColor(_reduced(picture, DETAIL_WIDTH), cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    detail = float(np.square(grey - cv2.GaussianBlur(grey, (0, 0), 2)).mean())
    thumbnail = np.asarray(_reduced(picture, THUMBNAIL), dtype=np.float32) / np.float32(255)
    return Look(thumbnail, float(grey.mean()), float(grey.std()), detail)


class Memory:
    """The looks of a footage. Thumbnails of the last `reach` + 1 frames, and a dozen numbers of every frame.

    Attributes:
        apart: (reach + 1, reach + 1). apart[i, k] is the mean squared distance between the thumbnails of the frame i before
            the latest and of the frame k before that one; infinite where there is no such frame.
        unlike: for every frame how much of it shows something else than the frame before it, see `unlike`.
        mean, contrast, detail: of every frame, as in `Look`.
    """

    def __init__(self, reach: int) -> None:
        self.reach = reach
        self.apart = np.full((reach + 1, reach + 1), np.inf, np.float32)
        self._near, self._back = array("f"), min(NEAR, reach) + 1
        self.unlike, self.mean, self.contrast, self.detail = (array("d") for _ in range(4))  # a film has many frames
        self._thumbnails: Array | None = None

    def __len__(self) -> int:
        return len(self.mean)

    def push(self, latest: Look) -> None:
        if self._thumbnails is None:
            self._thumbnails = np.zeros((self.reach + 1, *latest.thumbnail.shape), np.float32)
        for past in (self._thumbnails, self.apart):
            past[1:] = past[:-1].copy()
        self._thumbnails[0] = latest.thumbnail
        known = min(len(self.mean), self.reach) + 1
        self.apart[0] = np.inf
        self.apart[0, :known] = np.square(self._thumbnails[:known] - latest.thumbnail).mean(axis=(1, 2, 3))
        self._near.extend(self.apart[0, : self._back])
        changed = known > 1 and self.apart[0, 1] > NOISE
        self.unlike.append(unlike(self._thumbnails[0], self._thumbnails[1], same_light=True) if changed else 0.0)
        self.mean.append(latest.mean)
        self.contrast.append(latest.contrast)
        self.detail.append(latest.detail)

    def near(self, frame: int, back: int) -> float:
        """Distance of a frame to the one so many before it, NEAR at most; as in `apart`."""
        return self._near[frame * self._back + back]

    def thumbnails(self, back: int) -> Array:
        """(back + 1, h, w, 3): thumbnails of the latest frame, the one before it, and so on."""
        assert self._thumbnails is not None
        return self._thumbnails[: back + 1]


def block_means(pictures: Array) -> Array:
    """(..., h, w, 3) -> (..., GRID, GRID): means over the blocks of a grid, and over colours."""
    return _blocks(_blocks(pictures.mean(axis=-1), -2), -1)


def _blocks(values: Array, axis: int) -> Array:
    """Means over GRID stretches along an axis; single values are repeated where there are fewer."""
    edges = np.linspace(0, values.shape[axis], GRID + 1)
    starts, stops = edges[:-1].astype(int), np.ceil(edges[1:]).astype(int)
    return np.stack([values.take(range(a, b), axis).mean(axis) for a, b in zip(starts, stops, strict=True)], axis)


def unlike(a: Array, b: Array, same_light: bool) -> float:
    """Share of the blocks of two thumbnails that show different things.

    Blocks show the same where their structure does (Pearson's correlation), or where they differ by one level all over. With
    `same_light` that level must be small too: light does not change from one frame to the next.
    """
    means, change = block_means(np.stack([a, b])), block_means(b - a)
    variances = (block_means(np.square(np.stack([a, b]))) - np.square(means)).clip(0)
    together = block_means(a * b) - means[0] * means[1]
    same_structure = together > ALIKE * np.sqrt(variances[0] * variances[1] + 1e-12)
    lifted = block_means(np.square(b - a)) - np.square(change) < PLAIN**2
    if same_light:
        lifted &= np.abs(change) < GROUND
    return float(1 - (same_structure | lifted).mean())
