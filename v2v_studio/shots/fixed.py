"""Shots of one length: for footage that is one long take, or to try things out."""

from __future__ import annotations

from array import array
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from v2v_studio.shots.base import DetectorParams


class _Counting:
    def __init__(self, every: int) -> None:
        self._every = every
        self.scores = array("d")

    def push(self, frame: NDArray[np.uint8]) -> None:
        at_cut = self.scores and len(self.scores) % self._every == 0
        self.scores.append(1.0 if at_cut else 0.0)

    def cuts(self) -> list[int]:
        return list(range(self._every, len(self.scores), self._every))


class Fixed:
    """A cut every so many frames, wherever they fall."""

    confirm = False

    class Params(DetectorParams):
        every: int = Field(default=240, ge=1, description="Frames in a shot.")
        min_length: int = Field(default=1, ge=1, description="Frames that a shot must have at least.")

    def open(self, params: Params, rate: Fraction) -> _Counting:
        return _Counting(params.every)
