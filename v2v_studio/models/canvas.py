"""Pictures and flow brought to a size that a video model works at, and back, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np

from v2v_studio.media.frames import resize
from v2v_studio.types import Array
from v2v_studio.warping import pixels, planes, resized

MULTIPLE = 64  # pixels: the networks halve a latent of 8 pixels three times


@dataclass(frozen=True)
class Canvas:
    """Where a picture lies while the model works on it: at the upper left, mirrored out to the right and below.

    Attributes:
        size: (H, W) of the picture.
        working: (H, W) at which the model sees it.
    """

    size: tuple[int, int]
    working: tuple[int, int]

    @classmethod
    def around(cls, size: tuple[int, int], area: float = float("inf"), shorter: float = float("inf")) -> Canvas:
        """The canvas for a picture of a size (H, W), made smaller where it has more pixels than `area`, or its shorter side
        more than `shorter`.

        Example:
            >>> Canvas.around((1080, 1920), 320 * 512).whole
            (320, 576)
        """
        scale = min(1.0, sqrt(area / (size[0] * size[1])), shorter / min(size))
        return cls(size, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))

    @property
    def whole(self) -> tuple[int, int]:
        """(H, W) of what the model works on."""
        height, width = self.working
        return -(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE

    def picture(self, picture: Array) -> Array:
        """(C, H, W) -> the picture on its canvas."""
        return np.pad(resize(picture, self.working[::-1]), self._edges(1), mode="reflect")

    def flow(self, displacement: Array) -> Array:
        """(T, 2, H, W) in pixels -> on the canvas, in its pixels."""
        fitted = np.stack([planes(resized(pixels(way), self.working)) for way in displacement])
        return self.padded(fitted)

    def mask(self, mask: Array) -> Array:
        """(H, W) -> the mask on its canvas, going on as at its edge."""
        fitted = cv2.resize(mask, self.working[::-1], interpolation=cv2.INTER_LINEAR)
        return self.padded(np.asarray(fitted, np.float32))

    def padded(self, values: Array) -> Array:
        """(..., H, W) at the working size -> on the canvas; beyond the picture it goes on as at its edge."""
        return np.pad(values, self._edges(values.ndim - 2), mode="edge")

    def cut(self, made: Array) -> Array:
        """(..., h, w) on the canvas -> the part where the picture lies, at its working size."""
        return np.ascontiguousarray(made[..., : self.working[0], : self.working[1]])

    def undone(self, made: Array) -> Array:
        """(T, 3, h, w) on the canvas -> pictures of the size of the one it was made for."""
        return np.stack([resize(picture, self.size[::-1]) for picture in self.cut(made)])

    def _edges(self, leading: int) -> list[tuple[int, int]]:
        (height, width), (h, w) = self.working, self.whole
        return [(0, 0)] * leading + [(0, h - height), (0, w - width)]
