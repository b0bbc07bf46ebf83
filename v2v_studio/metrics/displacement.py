"""How far things move in a clip, and whether they go where they should."""

from __future__ import annotations

import numpy as np

from v2v_studio.metrics.base import Mean, Meter, PerFrame
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.types import Array
from v2v_studio.warping import grid, pixels

SEEN = 0.5  # of visibility: as likely there as not


class Displacement(PerFrame):
    """Mean length of the clip's own motion from its first frame, over pixels and later frames."""

    better, unit, needs = "neither", "pixels", ()
    source = "Shi et al. 2024 (Motion-I2V), average displacement, with the flow of --flow"

    def frame(self, pair: Pair) -> float | None:
        return None if pair.before is None else lengths(pair.own_reach.displacement[0])


class MotionEndpoint(PerFrame):
    """End-point error: mean distance between the clip's motion from its first frame and its reference's, where visible."""

    unit, source = "pixels", "Baker et al. 2011, Eq. 4, of motion estimated by --flow in both"

    def frame(self, pair: Pair) -> float | None:
        if pair.before is None:
            return None
        return end_point_error(
            pair.own_reach.displacement[0], pair.reach.displacement[0], pair.reach.visible[0, 0] >= SEEN
        )


class DragError:
    """Mean distance between where drags put points of the first frame and where these are found in later frames.

    Points are followed by this project's long-range tracker (flow/longrange.py). A point that is lost is taken to be where
    it was last found.
    """

    better, unit, needs, models = "lower", "pixels", ("drags",), ()
    source = "Wang et al. 2024 (MotionCtrl), ObjMC; followed by the long-range tracker"

    def open(self, clip: Clip) -> Meter:
        return _DragMeter(clip.paths)


class _DragMeter(Mean):
    def __init__(self, paths: tuple[Array, ...]) -> None:
        super().__init__(self._error)
        self._paths, self._places, self._index = paths, [path[0] for path in paths], 0

    def _error(self, pair: Pair) -> float | None:
        motion, index = pair.followed, self._index
        self._index += 1
        if motion is None:
            return None
        field, visible = motion.displacement[0], motion.visible[0, 0]
        found = [point_in(field, visible, path[0]) for path in self._paths]
        self._places = [now if now is not None else last for now, last in zip(found, self._places, strict=True)]
        apart = [np.hypot(*(place - path[index])) for place, path in zip(self._places, self._paths, strict=True)]
        return float(np.mean(apart))


def lengths(displacement: Array) -> float:
    """Mean length of the vectors of a (2, H, W) displacement."""
    return float(np.hypot(*displacement).mean())


def end_point_error(one: Array, other: Array, counted: np.ndarray) -> float | None:
    """Mean |one - other| of two (2, H, W) displacements over the counted pixels (H, W); None where none is."""
    return float(np.hypot(*(one - other))[counted].mean()) if counted.any() else None


def point_in(displacement: Array, visible: Array, point: Array) -> Array | None:
    """Where a point (x, y) of the first frame is, by a backward displacement (2, H, W); None where no pixel shows it.

    The visible pixel that comes from nearest to it, corrected by what it misses the point by.
    """
    places = grid(*visible.shape)
    missed = places + pixels(displacement) - point
    distance = np.where(visible >= SEEN, np.hypot(missed[..., 0], missed[..., 1]), np.inf)
    y, x = np.unravel_index(int(distance.argmin()), distance.shape)
    return None if distance[y, x] > 1 else places[y, x] - missed[y, x]
