"""Motion of the footage itself: reference -> every frame, followed frame by frame."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from v2v_studio.flow.longrange import Tracker, TrackParams
from v2v_studio.types import Anchor, Array, FlowField, Window


class Estimate:
    """The motion source of every track that follows footage. Parameters are the tracker's."""

    gives = FlowField
    Params: type[BaseModel] = TrackParams

    def open(self, anchor: Anchor, params: BaseModel) -> OpenEstimate:
        return OpenEstimate(anchor.source, TrackParams.model_validate(params.model_dump()))


class OpenEstimate:
    """One shot being followed. Windows of any length give the same bytes."""

    def __init__(self, reference: Array, params: TrackParams) -> None:
        self._tracker = Tracker(reference, params)

    def motion(self, window: Window, before: FlowField | None) -> FlowField:
        """Backward motion of the window's frames, with `step`. `before` is the motion of the frame before it."""
        entries, previous = [], window.previous
        for frame in window.frames:
            before = self._tracker.step(previous, frame, before)
            entries.append(before)
            previous = frame
        return joined(entries)


def joined(entries: list[FlowField]) -> FlowField:
    """The entries of successive frames as one field."""
    return FlowField(
        np.concatenate([entry.displacement for entry in entries]),
        entries[0].direction,
        np.concatenate([entry.visible for entry in entries]),
        np.concatenate([entry.step for entry in entries if entry.step is not None]),
    )
