"""Long-range tracking: where each pixel of every frame is in the reference, however far back that is.

Motion is chained frame by frame, corrected against the reference in every frame so that nothing drifts, and searched for
where both fail. The only state between two frames is the field of the frame before, quantised: a track continued from a
saved field has the same bytes as one that was never interrupted.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.flow.dis import Quality, dis_flow, luma
from v2v_studio.flow.features import Features, chroma_axis, features
from v2v_studio.flow.match import Match, match
from v2v_studio.flow.occlusion import confidence, remembered
from v2v_studio.types import Array, Direction, FlowField
from v2v_studio.warping import backward_warp, compose, pixels, planes

PARTS = 64  # of a pixel: the unit displacements are kept in
LEVELS = 255  # of visibility

Care = Literal["draft", "final"]
FLOW_QUALITY: dict[Care, Quality] = {"draft": "fast", "final": "high"}


class TrackParams(BaseModel):
    quality: Care = Field(default="final", description="draft: a quick look, nothing is searched for. final: all care.")


class Tracker:
    """Follows one reference through the frames after it.

    Args:
        reference: (3, H, W) RGB in [0, 1].
    """

    def __init__(self, reference: Array, params: TrackParams | None = None) -> None:
        self._care: Care = (params or TrackParams()).quality
        self._axis = chroma_axis(reference)
        self._reference = features(reference, self._axis)

    def step(self, previous_frame: Array, frame: Array, before: FlowField | None) -> FlowField:
        """Motion of one frame against the reference.

        Args:
            previous_frame: (3, H, W), the frame before this one; the reference itself at first.
            frame: (3, H, W).
            before: what `step` returned for the frame before; None where that is the reference.

        Returns:
            FlowField of one entry, backward: displacement from this frame into the reference, how surely the reference
            shows each pixel, and `step`, from this frame to the one before. Displacements are whole 64ths of a pixel,
            visible whole 255ths.
        """
        now = features(frame, self._axis)
        last = quantised(dis_flow(now.luma, luma(previous_frame), FLOW_QUALITY[self._care]), PARTS)
        guess, known = last, np.ones(last.shape[:2], np.float32)
        if before is not None:
            guess = compose(last, pixels(before.displacement[0]))
            known = backward_warp(before.visible[0, 0], last)
        return _entry(_find(now, self._reference, guess, known, self._care), known, "backward", last)


class LongRange:
    """The tracker as a flow estimator: all frames at once, in either direction."""

    def __init__(self, params: TrackParams | None = None) -> None:
        self.params = params or TrackParams()

    def flow(self, frames: Array, direction: Direction) -> FlowField:
        """frames (T, 3, H, W) in [0, 1] -> FlowField; backward ones know their `step`."""
        follow = _forward if direction == "forward" else _backward
        entries = follow(frames, self.params)
        h, w = frames.shape[2:]
        still = np.zeros((1, 2, h, w), np.float32)
        return FlowField(
            np.concatenate([still, *(e.displacement for e in entries)]),
            direction,
            np.concatenate([np.ones((1, 1, h, w), np.float32), *(e.visible for e in entries)]),
            np.concatenate([still, *(e.step for e in entries)]) if direction == "backward" else None,
        )


def quantised(values: Array, parts: int) -> Array:
    """The nearest whole multiples of 1 / parts. Zero is never negative, so that integers can hold them too."""
    return np.rint(values * np.float32(parts)) / np.float32(parts) + np.float32(0)


def _backward(frames: Array, params: TrackParams) -> list[FlowField]:
    tracker, entries = Tracker(frames[0], params), list[FlowField]()
    for previous, frame in pairwise(frames):
        entries.append(tracker.step(previous, frame, entries[-1] if entries else None))
    return entries


def _forward(frames: Array, params: TrackParams) -> list[FlowField]:
    """The same with the roles swapped: the reference's pixels are looked for in each frame."""
    axis = chroma_axis(frames[0])
    reference = features(frames[0], axis)
    h, w = frames.shape[2:]
    guess, known, entries = np.zeros((h, w, 2), np.float32), np.ones((h, w), np.float32), []
    for previous, frame in pairwise(frames):
        guess = compose(guess, dis_flow(luma(previous), luma(frame), FLOW_QUALITY[params.quality]))
        found = _find(reference, features(frame, axis), guess, known, params.quality)
        entries.append(_entry(found, known, "forward", None))
        guess, known = found.displacement, entries[-1].visible[0, 0]
    return entries


def _find(source: Features, target: Features, guess: Array, known: Array, care: Care) -> Match:
    found = match(source, target, guess, known, FLOW_QUALITY[care])
    if care == "draft":
        return found
    from v2v_studio.flow.refine import refined  # numba takes half a second to import, and drafts do without

    return refined(source, target, found)


def _entry(found: Match, known: Array, direction: Direction, step: Array | None) -> FlowField:
    visible = remembered(confidence(found.cost, found.hidden), known)
    return FlowField(
        planes(quantised(found.displacement, PARTS))[None],
        direction,
        quantised(visible, LEVELS)[None, None],
        None if step is None else planes(step)[None],
    )
