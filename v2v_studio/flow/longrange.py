"""Long-range tracking: where each pixel of every frame is in the reference, however far back that is.

Motion is chained frame by frame, corrected against the reference in every frame so that nothing drifts, and searched for
where both fail. The only state between two frames is the field of the frame before, quantised: a track continued from a
saved field has the same bytes as one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Literal

import cv2
import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.flow.dis import Quality, dis_flow, luma
from v2v_studio.flow.features import Features, chroma_axis, features
from v2v_studio.flow.match import Match, match
from v2v_studio.flow.occlusion import confidence, remembered
from v2v_studio.types import Array, Direction, FlowField
from v2v_studio.warping import backward_warp, compose, pixels, planes, resized

PARTS = 64  # of a pixel: the unit displacements are kept in
LEVELS = 255  # of visibility

Care = Literal["draft", "final"]
Between = Callable[
    [Array, Array], Array
]  # two pictures (3, H, W) -> (H, W, 2), displacement from the first to the second
DRAFT_LINES = 300  # a draft of a taller (and wider) picture is followed at half its size

FLOW_QUALITY: dict[Care, Quality] = {"draft": "fast", "final": "high"}


class TrackParams(BaseModel):
    quality: Care = Field(default="final", description="draft: a quick look, nothing is searched for. final: all care.")


class Tracker:
    """Follows one reference through the frames after it.

    Args:
        reference: (3, H, W) RGB in [0, 1].
        between: estimates the motion from a frame to the one before it; DIS where not given.
    """

    def __init__(self, reference: Array, params: TrackParams | None = None, between: Between | None = None) -> None:
        self._care: Care = (params or TrackParams()).quality
        self._between = between or partial(_dis, FLOW_QUALITY[self._care])
        self._size = followed_size(reference.shape[1:], self._care)
        reference = self._seen(reference)
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
        seen = self._seen(frame)
        now = features(seen, self._axis)
        last = quantised(self._between(seen, self._seen(previous_frame)), PARTS)
        guess, known = last, np.ones(last.shape[:2], np.float32)
        if before is not None:
            guess = compose(last, resized(pixels(before.displacement[0]), self._size))
            known = backward_warp(resized_plane(before.visible[0, 0], self._size), last)
        found = _find(now, self._reference, guess, known, self._care)
        return _entry(found, known, "backward", last, frame.shape[1:])

    def _seen(self, frame: Array) -> Array:
        """A frame at the size it is followed at."""
        return np.stack([resized_plane(plane, self._size) for plane in frame])


def _dis(quality: Quality, source: Array, target: Array) -> Array:
    return dis_flow(luma(source), luma(target), quality)


def followed_size(size: tuple[int, ...], care: Care) -> tuple[int, int]:
    """(H, W) that frames of a size are followed at: half of it for a draft of more than DRAFT_LINES lines."""
    h, w = size
    return (h // 2, w // 2) if care == "draft" and min(h, w) > DRAFT_LINES else (h, w)


def resized_plane(plane: Array, size: tuple[int, int]) -> Array:
    """(h, w) at another size (H, W): area average where it shrinks, linear where it grows."""
    if plane.shape == size:
        return plane
    how = cv2.INTER_AREA if size[0] < plane.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, size[::-1], interpolation=how), np.float32)


class LongRange:
    """The tracker as a flow estimator: all frames at once, in either direction."""

    chained = True

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
        entries.append(_entry(found, known, "forward", None, (h, w)))
        guess, known = found.displacement, entries[-1].visible[0, 0]
    return entries


def _find(source: Features, target: Features, guess: Array, known: Array, care: Care) -> Match:
    found = match(source, target, guess, known, FLOW_QUALITY[care])
    if care == "draft":
        return found
    from v2v_studio.flow.refine import refined  # numba takes half a second to import, and drafts do without

    return refined(source, target, found)


def _entry(found: Match, known: Array, direction: Direction, step: Array | None, size: tuple[int, ...]) -> FlowField:
    h, w = size
    visible = resized_plane(remembered(confidence(found.cost, found.hidden), known), (h, w))
    return FlowField(
        planes(quantised(resized(found.displacement, (h, w)), PARTS))[None],
        direction,
        quantised(visible, LEVELS)[None, None],
        None if step is None else planes(quantised(resized(step, (h, w)), PARTS))[None],
    )
