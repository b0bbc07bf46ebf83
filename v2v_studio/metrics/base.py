"""What a metric is, and the names of all there are.

A metric opens a meter for every clip; the meter is fed the clip's frames in order and gives a number. A metric of
distributions (FID and its kin) gives features instead, and one number of those of all clips together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.registry import Registry
from v2v_studio.types import Array

Better = Literal["higher", "lower", "neither"]
Need = Literal["reference", "prompt", "boxes", "drags"]


class Meter(Protocol):
    """One clip being measured."""

    def add(self, pair: Pair) -> None:
        """The next frame. Pairs come in order, from the first frame on."""
        ...

    def value(self) -> Any:
        """A number, or None where the clip has nothing to measure; features (N, D) for a metric of distributions."""
        ...


class Metric(Protocol):
    """What measures clips.

    Attributes:
        better: which way is better; "neither" for what describes a clip and does not judge it.
        unit: of the number.
        source: paper and equation, or the code it was published in.
        needs: what has to be there beside the generated frames.
        models: names of models that have to be on this machine.
    """

    better: ClassVar[Better]
    unit: ClassVar[str]
    source: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]]
    models: ClassVar[tuple[str, ...]]

    def open(self, clip: Clip) -> Meter:
        """Raises UsageError for a clip that cannot be measured so."""
        ...


class Distribution(Metric, Protocol):
    """A metric of whole sets of clips. Its meters give features, which are kept; it is not told which set they are of."""

    def combine(self, generated: Iterable[Array], reference: Iterable[Array]) -> float:
        """One number of the features of all clips, each (N, D), read one clip at a time.

        Raises:
            UsageError: there are too few.
        """
        ...


class Mean:
    """A meter: the mean of one number a frame. Where a frame gives None it does not count."""

    def __init__(self, of: Any) -> None:
        self._of = of
        self._values: list[float] = []

    def add(self, pair: Pair) -> None:
        value = self._of(pair)
        if value is not None:
            self._values.append(value)

    def value(self) -> float | None:
        return float(np.mean(self._values)) if self._values else None


class PerFrame:
    """A metric that is the mean over frames of one number."""

    better: ClassVar[Better] = "lower"
    unit: ClassVar[str] = ""
    source: ClassVar[str] = ""
    needs: ClassVar[tuple[Need, ...]] = ("reference",)
    models: ClassVar[tuple[str, ...]] = ()

    def open(self, clip: Clip) -> Meter:
        return Mean(self.frame)

    def frame(self, pair: Pair) -> float | None:
        """The number of one frame; None where it does not count."""
        raise NotImplementedError


METRICS = Registry(
    "metric",
    {
        "psnr": "v2v_studio.metrics.fidelity:Psnr",
        "ssim": "v2v_studio.metrics.fidelity:Ssim",
        "gmsd": "v2v_studio.metrics.fidelity:Gmsd",
    },
)
