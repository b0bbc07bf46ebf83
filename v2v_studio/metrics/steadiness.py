"""Metrics of clips over time: warp error, temporal difference, flicker, drift of colour, sharpness.

They stand on the reference's own motion, as the chosen flow estimator finds it (`--flow`), and count the pixels that it
calls visible in the frame before, or in the first: those that come back when they are followed forth and back (see
`warping.visible_mask`).
"""

from __future__ import annotations

from v2v_studio.metrics.base import PerFrame
from v2v_studio.metrics.colour import colour_change, colour_drift
from v2v_studio.metrics.pair import Pair
from v2v_studio.metrics.sharpness import gradient_energy, sharpness_ratio
from v2v_studio.metrics.temporal import compensated_change, flicker_index, temporal_difference_error, warp_error
from v2v_studio.types import Array


class WarpError(PerFrame):
    """Squared distance of a frame to the one before warped onto it along the reference's motion, where that is visible."""

    source = "Lai et al. 2018, E_warp, with this flow and visibility in place of theirs"

    def frame(self, pair: Pair) -> float | None:
        if pair.before is None:
            return None
        return warp_error(_change(pair.before.frame, pair.frame, pair), pair.step.visible[0, 0])


class TemporalDifference(PerFrame):
    """Mean |change of the clip - change of its reference| from frame to frame, motion-compensated, in 8-bit levels."""

    unit, source = "levels", "after Gao et al. 2018 (ReCoNet), output-level temporal loss"

    def frame(self, pair: Pair) -> float | None:
        if pair.before is None:
            return None
        return temporal_difference_error(*_changes(pair), pair.step.visible[0, 0])


class Flicker(PerFrame):
    """Brightness that pumps: root mean square over coarse cells of the change of luma that the reference has not."""

    unit, source = "levels", "this project: metrics/temporal.py, flicker_index"

    def frame(self, pair: Pair) -> float | None:
        return None if pair.before is None else flicker_index(*_changes(pair), pair.step.visible[0, 0])


class ColourDrift(PerFrame):
    """Change of colour since the first frame that the reference has not, mean over coarse cells."""

    unit, source = "Oklab", "this project: metrics/colour.py, colour_drift"

    def frame(self, pair: Pair) -> float | None:
        if pair.before is None:
            return None
        there, visible = pair.reach.displacement[0], pair.reach.visible[0, 0]
        source, weight = _colour_change(pair.first.held_against, pair.held_against, there, visible)
        output, _ = _colour_change(pair.first.frame, pair.frame, there, visible)
        return colour_drift(source, output, weight)


class Sharpness(PerFrame):
    """Sharpness against the first frame's, the reference's own change allowed for: 1 is right, less is blurred."""

    better, unit, source = "neither", "ratio", "this project: metrics/sharpness.py, sharpness_ratio"

    def frame(self, pair: Pair) -> float | None:
        if pair.before is None:
            return None
        first = pair.first
        was, is_ = (gradient_energy(first.held_against), gradient_energy(pair.held_against))
        return sharpness_ratio(was, is_, gradient_energy(first.frame), gradient_energy(pair.frame))


def _change(previous: Array, current: Array, pair: Pair) -> Array:
    return compensated_change(previous, current, pair.step.displacement[0])


def _changes(pair: Pair) -> tuple[Array, Array]:
    """The reference's change since the frame before, and the clip's."""
    assert pair.before is not None
    return pair.shared(
        "changes",
        lambda: (
            _change(pair.before.held_against, pair.held_against, pair),  # type: ignore[union-attr]
            _change(pair.before.frame, pair.frame, pair),  # type: ignore[union-attr]
        ),
    )


def _colour_change(first: Array, current: Array, displacement: Array, visible: Array) -> tuple[Array, Array]:
    return colour_change(current - compensated_change(first, current, displacement), current, visible)
