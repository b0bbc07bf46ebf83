"""Motion of the footage itself: where every pixel of every frame was in the frame that was painted."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from v2v_studio.flow.longrange import Tracker, TrackParams
from v2v_studio.types import Anchor, FlowField, Motion, Window


class Estimate:
    """The motion source `estimate`: long-range tracking of the footage."""

    gives = FlowField
    Params = TrackParams

    def open(self, anchor: Anchor, params: BaseModel) -> OpenEstimate:
        return OpenEstimate(Tracker(anchor.source, TrackParams.model_validate(params.model_dump())))


class OpenEstimate:
    """Motion of one shot, frame by frame; its state is the motion of the frame before."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def motion(self, window: Window, before: Motion | None) -> Motion:
        fields, previous = [], window.previous
        for frame in window.frames:
            before = self._tracker.step(previous, frame, before)
            fields.append(before)
            previous = frame
        return joined(fields)


def joined(fields: list[FlowField]) -> FlowField:
    """Entries one after the other, as one field."""
    if len(fields) == 1:
        return fields[0]
    steps = [field.step for field in fields if field.step is not None]
    return FlowField(
        np.concatenate([field.displacement for field in fields]),
        fields[0].direction,
        np.concatenate([field.visible for field in fields]),
        np.concatenate(steps) if len(steps) == len(fields) else None,
    )
