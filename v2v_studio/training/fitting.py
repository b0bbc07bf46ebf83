"""Frames brought to the one size that all samples have, and their boxes with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from v2v_studio.training.sources import inside
from v2v_studio.types import Array, BoxSequence


@dataclass(frozen=True)
class Fitting:
    """Scaled first, then the middle of it.

    Attributes:
        scaled: (W, H) that a frame is scaled to.
        size: (W, H) of what is left of it.
    """

    scaled: tuple[int, int]
    size: tuple[int, int]

    @classmethod
    def of(cls, frame: tuple[int, int], size: tuple[int, int], stretch: bool) -> Self:
        """For frames of a size (W, H): scaled until they cover the other one, or stretched to it whatever their shape.

        Example:
            >>> Fitting.of((1920, 1080), (256, 256), stretch=False).scaled
            (455, 256)
        """
        if stretch:
            return cls(size, size)
        scale = max(size[0] / frame[0], size[1] / frame[1])
        return cls((max(size[0], round(frame[0] * scale)), max(size[1], round(frame[1] * scale))), size)

    @property
    def _corner(self) -> tuple[int, int]:
        return (self.scaled[0] - self.size[0]) // 2, (self.scaled[1] - self.size[1]) // 2

    def picture(self, scaled: Array) -> Array:
        """(C, h, w), scaled already -> its middle."""
        (left, top), (width, height) = self._corner, self.size
        return scaled[:, top : top + height, left : left + width]

    def boxes(self, boxes: BoxSequence) -> BoxSequence:
        """Boxes in pixels of the whole frame -> in pixels of what is left of it; an object that is not in it is away."""
        (left, top), (width, height) = self._corner, self.size
        scale = np.array([self.scaled[0] / boxes.size[1], self.scaled[1] / boxes.size[0]] * 2, np.float32)
        moved = boxes.boxes * scale - np.array([left, top, left, top], np.float32)
        return BoxSequence(*inside(moved, boxes.present, (height, width)), boxes.phrases, (height, width))
