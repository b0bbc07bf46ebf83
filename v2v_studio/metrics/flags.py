"""Which frames of a take a person should look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

SPREAD = 6.0  # robust standard deviations from the take's own median; 1.4826 MAD is one of a normal distribution


@dataclass(frozen=True)
class Bound:
    """When a measure is too high, or too low where `low` is set.

    Attributes:
        always_fine: a value on the good side of it is never flagged, however calm the rest of the take.
        never_fine: a value past it is flagged in any take. Between the two, what stands out of its own take is flagged.
    """

    always_fine: float
    never_fine: float
    low: bool = False

    def limit(self, values: np.ndarray) -> float:
        """The value past which this take's frames are flagged."""
        sign = -1 if self.low else 1
        median = float(np.median(values))
        spread = 1.4826 * float(np.median(np.abs(values - median)))
        outlying = median + sign * SPREAD * spread
        least, most = sorted((self.always_fine, self.never_fine))
        return min(max(outlying, least), most)

    def passed(self, value: float, limit: float) -> bool:
        return value < limit if self.low else value > limit


# Set from outputs as good as can be, measured by benchmarks/identity.py (docs/metrics.md): always fine is what a smooth
# colour table laid on every frame by itself keeps within in 99 frames of 100; never fine is half as much again as the worst
# of the footage itself, filters frame by frame, and a first frame that is only warped, in 99 frames of 100.
BOUNDS: Mapping[str, Bound] = {
    "temporal_difference_error": Bound(3.5, 20.0),
    "flicker": Bound(1.8, 8.0),
    "colour_drift": Bound(0.02, 0.10),  # every baseline is calmer; 0.02 is just seen
    "sharpness": Bound(0.92, 0.60, low=True),
    "visible": Bound(0.25, 0.25, low=True),
    "finite": Bound(1.0, 1.0, low=True),
    "constant": Bound(0.0, 0.0),
}


@dataclass(frozen=True)
class Flag:
    """A frame (index of its row) whose measure is past its limit."""

    index: int
    measure: str
    value: float
    limit: float

    def record(self) -> dict[str, object]:
        return asdict(self)


def flags(rows: Sequence[Mapping[str, float]]) -> list[Flag]:
    """Every frame and measure past its limit, by frame. Limits come from BOUNDS and the take itself."""
    found = []
    for measure, bound in BOUNDS.items():
        values = np.array([row[measure] for row in rows if measure in row])
        if len(values) < len(rows) or len(values) == 0:  # not measured
            continue
        limit = bound.limit(values)
        found += [Flag(i, measure, float(v), limit) for i, v in enumerate(values) if bound.passed(v, limit)]
    return sorted(found, key=lambda flag: flag.index)
