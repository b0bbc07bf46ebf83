"""Motion of the footage itself: reference -> every frame, followed frame by frame."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field, model_validator

from v2v_studio.errors import MissingError
from v2v_studio.fingerprint import file_digest
from v2v_studio.flow.longrange import Between, Tracker, TrackParams
from v2v_studio.flow.raft import WEIGHTS, Raft
from v2v_studio.models.weights import locate
from v2v_studio.types import Anchor, Array, FlowField, OnStep, Window, unwatched


class EstimateParams(TrackParams):
    """The tracker's, and what estimates the motion from one frame to the next."""

    flow: Literal["dis", "raft"] = Field(
        default="dis", description="From frame to frame: dis (OpenCV), or raft, a network, where its weights are."
    )
    flow_weights: str | None = Field(
        default=None, description="sha256 of the network's weights: filled in, so that a recipe says which were used."
    )

    @model_validator(mode="before")
    @classmethod
    def _knows_its_weights(cls, values: Any) -> Any:
        """MissingError where there are no weights, or other ones than the options name: before any work starts."""
        if not isinstance(values, dict) or values.get("flow") != "raft":
            return values
        path = locate(WEIGHTS)
        digest = file_digest(path)
        if values.get("flow_weights") not in (None, digest):
            raise MissingError(
                f"{path} holds other weights (sha256 {digest[:8]}...) than were used before "
                f"({values['flow_weights'][:8]}...); put those there, or leave out flow_weights"
            )
        return {**values, "flow_weights": digest}


class Estimate:
    """The motion source of every track that follows footage."""

    gives = (FlowField,)
    made = False
    drawn: tuple[str, ...] = ()
    Params: type[BaseModel] = EstimateParams

    def open(self, anchor: Anchor, params: BaseModel, on_step: OnStep = unwatched) -> OpenEstimate:
        chosen = EstimateParams.model_validate(params.model_dump())
        between = Raft(locate(WEIGHTS)).between if chosen.flow == "raft" else None
        return OpenEstimate(anchor.source, chosen, between)


class OpenEstimate:
    """One shot being followed. Windows of any length give the same bytes."""

    def __init__(self, reference: Array, params: TrackParams, between: Between | None = None) -> None:
        self._tracker = Tracker(reference, params, between)

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
    steps = [entry.step for entry in entries if entry.step is not None]
    return FlowField(
        np.concatenate([entry.displacement for entry in entries]),
        entries[0].direction,
        np.concatenate([entry.visible for entry in entries]),
        np.concatenate(steps) if steps else None,
    )
