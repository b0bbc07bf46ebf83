"""Whether an object is where boxes asked it to be, by the protocol of GOT-10K (Huang et al. 2021).

The tracker is this project's long-range one (flow/longrange.py): the object is what the first box holds, and its box in a
later frame is that box, moved and scaled as the pixels that come from it. SMCD does not say which tracker it took, so its
figures and these are not the same measure.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from v2v_studio.metrics.base import Better, Mean, Meter
from v2v_studio.metrics.displacement import SEEN
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.types import Array, FlowField
from v2v_studio.warping import grid, pixels

LEAST = 9  # pixels of the object that its box can be told from


class AverageOverlap:
    """AO: intersection over union of the tracked box and the asked one, mean over all frames but the first."""

    better: Better = "higher"
    unit, needs, models = "", ("boxes",), ()
    source = "Huang et al. 2021 (GOT-10K), AO, which SMCD reports; tracked by the long-range tracker"

    def open(self, clip: Clip) -> Meter:
        return _Overlap(clip, self.of)

    def of(self, overlap: float) -> float:
        """The number of one frame."""
        return overlap


class SuccessRate50(AverageOverlap):
    """SR50: share of frames but the first whose overlap is above 0.5."""

    above = 0.5
    unit, source = "share", "Huang et al. 2021 (GOT-10K), SR, which SMCD reports; tracked by the long-range tracker"

    def of(self, overlap: float) -> float:
        return float(overlap > self.above)


class SuccessRate75(SuccessRate50):
    """SR75: share of frames but the first whose overlap is above 0.75."""

    above = 0.75


class _Overlap(Mean):
    def __init__(self, clip: Clip, of: Callable[[float], float]) -> None:
        super().__init__(self._frame)
        assert clip.boxes is not None
        self._boxes, self._score, self._index = clip.boxes * np.array(clip.size * 2, np.float32), of, 0

    def _frame(self, pair: Pair) -> float | None:
        index = self._index
        self._index += 1
        tracked = tracked_box(pair, self._boxes[0])
        return self._score(overlap(tracked, self._boxes[index])) if index else None


def tracked_box(pair: Pair, box: Array) -> Array:
    """Where the object of the first frame's box is in a pair's generated frame; its last place where it is lost."""

    def found() -> Array:
        motion = pair.followed
        if motion is None or pair.before is None:
            return box
        now = moved_box(motion, box)
        return tracked_box(pair.before, box) if now is None else now

    return pair.shared("tracked box", found)


def moved_box(motion: FlowField, box: Array) -> Array | None:
    """A box (x0, y0, x1, y1) of the first frame in a later one, by one backward entry; None where too little is seen.

    Of the pixels that come from within it, the medians give its move, and their spreads about these its scale.
    """
    came = grid(*motion.size) + pixels(motion.displacement[0])
    inside = (came >= box[:2]).all(2) & (came <= box[2:]).all(2) & (motion.visible[0, 0] >= SEEN)
    if inside.sum() < LEAST:
        return None
    now, then = grid(*motion.size)[inside], came[inside]
    middle_now, middle_then = np.median(now, 0), np.median(then, 0)
    spread_now, spread_then = np.abs(now - middle_now).mean(0), np.abs(then - middle_then).mean(0)
    scale = np.where(spread_then > 0, spread_now / np.maximum(spread_then, 1e-6), 1)
    corners = middle_now + scale * (np.reshape(box, (2, 2)) - middle_then)
    return np.asarray(corners.ravel(), np.float32)


def overlap(one: Array, other: Array) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    areas = sum(float(np.prod(np.maximum(box[2:] - box[:2], 0))) for box in (one, other))
    return shared / (areas - shared) if areas > shared else 0.0
