"""Motion made up by stage 1 of Motion-I2V, from the first frame and a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.flow.longrange import PARTS, quantised
from v2v_studio.models.canvas import Canvas
from v2v_studio.models.held import loaded, within_memory
from v2v_studio.models.motion_i2v.params import STAGE1, TRAINED, MotionI2VParams, converted
from v2v_studio.types import Anchor, Array, FlowField, OnStep, Window, unwatched
from v2v_studio.warping import pixels, planes, resized

FLOWS = 15  # that stage 1 makes, besides the reference's own
STRIDE = 8  # frames of footage from one to the next, as it was trained


class GenerateParams(MotionI2VParams):
    motion: float = Field(1.0, gt=0, le=2, description="How much moves; over 1 is more than stage 1 was trained on.")
    frames: int = Field(0, ge=0, description="Over how many frames the motion takes its course; 0: the shot's own.")
    seed: int = Field(0, description="Of the motion; the render's own where it is not given.")


class Generate:
    """The motion source of footage that does not move, or not as it should: the model's own idea of it."""

    gives = (FlowField,)
    Params: type[BaseModel] = GenerateParams
    made = True
    drawn: tuple[str, ...] = ()

    def open(self, anchor: Anchor, params: BaseModel, on_step: OnStep = unwatched) -> OpenGenerated:
        return OpenGenerated(anchor, params, on_step)


class OpenGenerated:
    """One first frame moving. Stage 1 runs once, at the first window; windows of any length give the same bytes."""

    control = False

    def __init__(self, anchor: Anchor, params: Any, on_step: OnStep) -> None:
        self._anchor, self._params, self._on_step = anchor, params, on_step
        self._canvas = Canvas.around(anchor.styled.shape[1:], TRAINED)  # type: ignore[arg-type]
        self._flows: Array | None = None

    def motion(self, window: Window, before: FlowField | None) -> FlowField:
        """Forward motion of the window's frames, all of it visible."""
        if self._flows is None:
            with within_memory():
                self._flows = self._generated()
        size = self._anchor.styled.shape[1:]
        last = (self._params.frames or FLOWS + 1) - 1
        ways = [between(self._flows, index / max(1, last)) for index in range(window.start, window.stop)]
        fitted = np.stack([planes(resized(pixels(way), size)) for way in ways])  # type: ignore[arg-type]
        return FlowField(quantised(fitted, PARTS), "forward", np.ones((len(fitted), 1, *size), np.float32))

    def _generated(self) -> Array:
        """(16, 2, h, w) at the canvas's working size, in its pixels: the flows, the reference's own first."""
        given = self._params
        model = loaded(STAGE1, converted(given.model), given.device, given.dtype, self.control, given.compile)
        flows = model.flows(
            self._canvas.picture(self._anchor.styled),
            given.prompt,
            given.negative_prompt,
            strides(given.motion),
            steps=given.steps,
            guidance=given.guidance,
            seed=given.seed,
            scheduler=given.scheduler,
            low_memory=given.low_memory,
            on_step=lambda done, steps, step: self._on_step(),
            **self._drawn(),
        )
        return self._canvas.cut(np.concatenate([np.zeros_like(flows[:1]), flows]))

    def _drawn(self) -> dict[str, Any]:
        """What else stage 1 is to follow."""
        return {}


def strides(motion: float) -> Sequence[int]:
    """Frames of footage between the reference and each flow: 8, 16, ... 120 at motion 1."""
    return [max(1, round(STRIDE * motion * step)) for step in range(1, FLOWS + 1)]


def between(flows: Array, along: float) -> Array:
    """The flow at a share of the way, between two of the flows (N + 1, 2, h, w) in a straight line; then the last one."""
    place = min(max(along, 0.0), 1.0) * (len(flows) - 1)
    lower = min(int(place), len(flows) - 2)
    share = np.float32(place - lower)
    return (1 - share) * flows[lower] + share * flows[lower + 1]
