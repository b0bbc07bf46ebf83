"""Pictures brought to a size that a model can paint, and back, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from v2v_studio.media.frames import resize
from v2v_studio.types import Array


@dataclass(frozen=True)
class Canvas:
    """Where a picture lies while a model paints it: resampled to a working size, then mirrored out at its edges.

    Attributes:
        size: (W, H) of the picture.
        working: (W, H) at which the model sees it.
        left, top, right, below: pixels mirrored out, so that both sides are whole multiples.
    """

    size: tuple[int, int]
    working: tuple[int, int]
    left: int
    top: int
    right: int
    below: int

    @classmethod
    def around(cls, size: tuple[int, int], multiple: int, side: int = 0) -> Canvas:
        """The canvas for a picture of a size (W, H).

        Args:
            multiple: of the model, in pixels.
            side: the shorter side at which the model is to see it; 0 for the picture's own.

        Example:
            >>> Canvas.around((427, 239), 8).whole
            (432, 240)
        """
        scale = side / min(size) if side else 1.0
        width, height = (max(1, round(length * scale)) for length in size)
        across, down = -width % multiple, -height % multiple
        return cls(size, (width, height), across // 2, down // 2, across - across // 2, down - down // 2)

    @property
    def whole(self) -> tuple[int, int]:
        """(W, H) of what the model paints."""
        width, height = self.working
        return width + self.left + self.right, height + self.top + self.below

    def laid(self, picture: Array) -> Array:
        """(3, H, W) -> the picture on its canvas."""
        edges = ((0, 0), (self.top, self.below), (self.left, self.right))
        return np.pad(resize(picture, self.working), edges, mode="reflect")

    def lifted(self, painted: Array) -> Array:
        """What a model painted -> (3, H, W) of the picture's size. A model that chose another size is resampled."""
        whole = resize(painted, self.whole)
        width, height = self.working
        inner = whole[:, self.top : self.top + height, self.left : self.left + width]
        return resize(np.ascontiguousarray(inner), self.size)
