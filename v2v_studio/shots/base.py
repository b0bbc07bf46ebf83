"""What a shot detector is, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from v2v_studio.registry import Registry
from v2v_studio.types import Array

Range = tuple[int, int]
Kind = Literal["dissolve", "fade-in", "fade-out"]


@dataclass(frozen=True)
class Transition:
    """Frames [start, end) that belong to no shot, because each shows two pictures at once or a picture and a plain ground.

    Attributes:
        kind: `dissolve` from the shot before into the shot after, `fade-in` or `fade-out`.
        start, end: half-open, in footage frames.
        curve: one value a frame, in [0, 1], never turning back. Dissolve: the share of the incoming picture, rising.
            Fade: the gain of the picture, rising in a fade-in and falling in a fade-out.
        ground: grey level that a fade goes to or comes from, 0 for black and 1 for white.
    """

    kind: Kind
    start: int
    end: int
    curve: tuple[float, ...]
    ground: float = 0.0

    def __post_init__(self) -> None:
        if len(self.curve) != self.end - self.start or not self.curve:
            raise ValueError(f"[{self.start}, {self.end}) has {len(self.curve)} values in its curve; one a frame")


@dataclass(frozen=True)
class Cut:
    """Footage taken apart.

    Attributes:
        frames: length of the footage.
        shots: half-open ranges of clean frames, in order.
        transitions: the ranges between and beside them, in order. Shots and transitions together tile [0, frames).
        scores: (frames,) the curve that the detector held against its threshold.
        usable: for each shot the first frame that is worth painting on.
        threshold: the detector's threshold, in units of `scores`; None where it has none.
    """

    frames: int
    shots: tuple[Range, ...]
    transitions: tuple[Transition, ...]
    scores: Array = field(compare=False)
    usable: tuple[int, ...]
    threshold: float | None = None


class DetectorParams(BaseModel):
    """What every detector lets one choose."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    min_length: int = Field(default=5, ge=1, description="Frames that a shot must have at least.")


class OpenDetector(Protocol):
    """One footage being watched, frame by frame in order."""

    @property
    def scores(self) -> Sequence[float]:
        """One a frame so far."""
        ...

    def push(self, frame: NDArray[np.uint8]) -> None:
        """Take the next frame: (h, w, 3) BGR uint8, about 256 pixels wide."""
        ...

    def cuts(self) -> list[int]:
        """After the last frame: the first frame of every new shot, ascending."""
        ...


class Detector(Protocol):
    """A finder of hard cuts.

    Attributes:
        Params: its options, read by CLI flags and UI forms.
        confirm: whether its cuts are suspicions, to be held against the frames on both sides.

    The contract, tested for every registered name: one score a frame; cuts ascend and lie inside the footage; the same
    frames give the same cuts.
    """

    Params: type[DetectorParams]
    confirm: bool

    def open(self, params: Any, rate: Fraction) -> OpenDetector: ...


DETECTORS = Registry(
    "detector",
    {
        "adaptive": "v2v_studio.shots.pyscenedetect:Adaptive",
        "content": "v2v_studio.shots.pyscenedetect:Content",
        "fixed": "v2v_studio.shots.fixed:Fixed",
        "hash": "v2v_studio.shots.pyscenedetect:Hash",
        "threshold": "v2v_studio.shots.pyscenedetect:Threshold",
    },
)
