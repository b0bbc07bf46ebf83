"""A mask painted on one frame, carried through the shot: forwards or backwards, as the stream goes.

On every frame four witnesses are heard: the mask of the frame before, moved by the footage; the painted mask, looked up
through the long-range motion; the painted shape, moved as one piece; and colour. Long-range motion is exact and never
drifts, but takes one thing for another that looks like it. So it is believed as far as it agrees with the mask of the
frame before; for the rest the shape stands in. The edge is then drawn to the frame's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from v2v_studio.flow.longrange import TrackParams, quantised
from v2v_studio.motion.estimate import Estimate
from v2v_studio.tracks.appearance import Colours, snapped
from v2v_studio.tracks.run import MotionCache, motions
from v2v_studio.tracks.silhouette import Affine, aligned, depth, moved, shape_motion, still, then
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, Array, FlowField
from v2v_studio.warping import backward_warp, pixels

LEVELS = 255  # of a mask: what an 8-bit picture keeps
LINES = 270  # height of a picture in which the lengths below are pixels
FOLLOWED = (-18.0, 6.0)  # pixels of depth that count, outside and inside
SHAPED = (-18.0, 0.0)  # inside, something may be in front
BEHIND = -4.0  # as FOLLOWED, but within the shape, where it may come out from behind something
SLACK = 2.0  # pixels around the shape in which it has no say
SLOW = 3.0  # pixels of depth worth one unit of evidence
LOOKED_UP = 4.0  # units
COLOURED = 0.7  # units for one of the logarithm of odds
SPREAD = 4.0  # units from no to yes
NEAR = 8.0  # pixels within which the shape is brought onto the outline
AROUND = 80.0  # pixels around the mask whose colours are its surroundings
RADIUS = 4  # pixels, of the windows in which the edge is drawn
AGREES = (0.7, 1.0)  # overlap of the looked-up mask with the followed one: not believed, wholly believed
GONE = 0.02  # share of the painted area up to which nothing is left to follow


@dataclass(frozen=True)
class Carried:
    """The mask on one frame, and all that is needed to go on from it.

    Attributes:
        index: of the frame, counted from the painted one, which is 0.
        mask: (H, W) in [0, 1], whole 255ths.
        way: (2, 3), the shape's motion as one piece: from this frame to the painted one.
        motion: of this frame; None for the painted one.
    """

    index: int
    mask: Array
    way: Affine
    motion: FlowField | None


class MaskPass:
    """One painted mask carried over a stream of source frames: the order in time is the stream's.

    Args:
        source: (3, H, W), the source frame that the mask was painted on.
        mask: (H, W) in [0, 1], inside above one half.
        params: of the motion.
    """

    def __init__(self, source: Array, mask: Array, params: TrackParams | None = None) -> None:
        cv2.setNumThreads(1)  # the last bits of a blur are not to depend on how the picture is shared out
        self._painted = quantised(mask, LEVELS)
        self._unit = max(min(mask.shape) / LINES, 0.25)
        self._colours = Colours(source, self._painted, round(AROUND * self._unit))
        self._motion = Estimate().open(Anchor(source, source), params or TrackParams())

    @property
    def start(self) -> Carried:
        """The mask where it was painted."""
        return Carried(0, self._painted, still(), None)

    def steps(
        self, previous: Array, frames: Iterable[Array], since: Carried | None = None, cache: MotionCache | None = None
    ) -> Iterator[Carried]:
        """The mask on every frame of the stream.

        Args:
            previous: (3, H, W), the source frame before the first of `frames`.
            frames: (3, H, W) each, from index `since.index + 1` on.
            since: where an interrupted pass had come; None to begin.
            cache: motion known from an earlier pass or render against the same frame.
        """
        now = since or self.start
        stream = windows(previous, frames, 1, now.index + 1)
        for window, motion in motions(self._motion, stream, now.motion, cache):
            now = self._step(window.frames[0], motion, now)
            yield now

    def _step(self, frame: Array, motion: FlowField, before: Carried) -> Carried:
        assert motion.step is not None
        displacement, step, visible = pixels(motion.displacement[0]), pixels(motion.step[0]), motion.visible[0, 0]
        followed, looked_up = backward_warp(before.mask, step), backward_warp(self._painted, displacement)
        if (followed > 0.5).sum() > GONE * self._painted.sum():
            way = then(shape_motion(followed > 0.5, step), before.way)
        else:  # hidden: only the painted frame knows when it comes back
            followed = looked_up * (visible > 0.5)
            way = shape_motion(followed > 0.5, displacement)
        trust = agreement(followed > 0.5, looked_up > 0.5)
        shaped, known = (depth(a > 0.5) / self._unit for a in (moved(self._painted, way), followed))
        known = np.where(shaped > 0, np.maximum(known, BEHIND), known)
        evidence = (
            np.clip(known, *FOLLOWED) / SLOW
            + np.clip(shaped + SLACK, *SHAPED) / SLOW * (1 - trust)
            + LOOKED_UP * trust * visible * (2 * looked_up - 1)
            + COLOURED * self._colours.odds(frame)
        )
        mask = quantised(drawn_to_edges(evidence, frame, self._unit), LEVELS)
        return Carried(before.index + 1, mask, aligned(way, self._painted, mask > 0.5, NEAR * self._unit), motion)


def drawn_to_edges(evidence: Array, frame: Array, unit: float) -> Array:
    """(H, W) evidence, no below 0 and yes above -> (H, W) in [0, 1], its edge drawn to the frame's own."""
    rough = np.clip(0.5 + evidence / SPREAD, 0, 1).astype(np.float32)
    snap = snapped(rough * rough * (3 - 2 * rough), frame, RADIUS, max(1, round(unit)))
    return np.clip(2 * snap - 0.5, 0, 1)


def agreement(followed: np.ndarray, looked_up: np.ndarray) -> float:
    """How far a looked-up mask is believed, in [0, 1]: by its overlap with the followed one, both (H, W) bool."""
    overlap = (followed & looked_up).sum() / max((followed | looked_up).sum(), 1)
    return float(np.clip((overlap - AGREES[0]) / (AGREES[1] - AGREES[0]), 0, 1))


def feathered(mask: Array, radius: float) -> Array:
    """The mask with an edge this much softer to either side.

    A triangle, twice a box, so that nothing farther than `radius` from the edge changes at all.

    Args:
        mask: (H, W) in [0, 1].
        radius: pixels; 0 leaves the mask as it is.

    Returns:
        (H, W) in [0, 1], whole 255ths.
    """
    side = 2 * int(radius / 2) + 1
    soft = cv2.blur(cv2.blur(mask, (side, side)), (side, side))
    return quantised(np.clip(soft, 0, 1), LEVELS)
