"""Motion along drags and inside a motion brush: stage 1 of Motion-I2V with its trajectory ControlNet."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.errors import UsageError
from v2v_studio.motion.generate import GenerateParams, OpenGenerated
from v2v_studio.motion.rasterise import UNIT, rasterise
from v2v_studio.types import Anchor, FlowField, MotionBrush, OnStep, Trajectory, unwatched


class DragParams(GenerateParams):
    unit: int = Field(
        UNIT, ge=1, le=320, description="Half the side of the square that a drag takes hold of, on 512x320 pixels."
    )


class Drag:
    """The motion source of what is drawn: in control.json of the shot, drags and a brush."""

    gives = (FlowField,)
    Params: type[BaseModel] = DragParams
    made = True
    drawn: tuple[str, ...] = ("drags", "brush")

    def open(self, anchor: Anchor, params: BaseModel, on_step: OnStep = unwatched) -> OpenDragged:
        """Raises UsageError where nothing is drawn."""
        return OpenDragged(anchor, params, on_step)


class OpenDragged(OpenGenerated):
    """One first frame being dragged. What is drawn is in pixels of that frame, and made to fit the canvas."""

    control = True

    def __init__(self, anchor: Anchor, params: Any, on_step: OnStep) -> None:
        super().__init__(anchor, params, on_step)
        if not anchor.drawn.drags and anchor.drawn.brush is None:
            raise UsageError(
                "nothing is drawn that could be followed; draw drags or a brush into control.json of the shot"
            )

    def _drawn(self) -> dict[str, Any]:
        """The control planes, and what may not move, on the canvas."""
        (height, width), (h, w) = self._anchor.styled.shape[1:], self._canvas.working
        scale = np.array([w / width, h / height])
        drags = [Trajectory(tuple(map(tuple, np.array(d.points) * scale))) for d in self._anchor.drawn.drags]
        planes = rasterise(drags, self._brush(), self._canvas.whole, max(1, round(self._params.unit * self._fineness)))
        return {"control": planes, "static": planes.still}

    @property
    def _fineness(self) -> float:
        """Of the canvas against the 512x320 pixels that the unit is meant for: 1 for a picture as large or larger."""
        h, w = self._canvas.working
        return float(np.sqrt(h * w / (320 * 512)))

    def _brush(self) -> MotionBrush | None:
        """The brush on the canvas; beyond the picture it goes on as at its edge."""
        brush = self._anchor.drawn.brush
        return brush and MotionBrush(self._canvas.mask(brush.painted))
