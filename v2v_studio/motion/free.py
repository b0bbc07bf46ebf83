"""Motion that is left to the model, but for a move of the camera where one is asked for."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from v2v_studio.motion.camera import Move, OpenCamera, SpeedParams
from v2v_studio.types import Anchor, FlowField, FreeMotion, OnStep, Window, unwatched


class FreeParams(SpeedParams):
    camera: Literal["none", Move] = Field("none", description="Where the camera goes; none is left to the model too.")


class Free:
    """The motion source of renderers that make up motion themselves."""

    gives = (FreeMotion, FlowField)
    made = True
    drawn: tuple[str, ...] = ()
    Params: type[BaseModel] = FreeParams

    def open(self, anchor: Anchor, params: Any, on_step: OnStep = unwatched) -> OpenFree | OpenCamera:
        return OpenFree() if params.camera == "none" else OpenCamera(params.camera, params.speed)


class OpenFree:
    """Nothing to know but how many frames of which size there are."""

    def motion(self, window: Window, before: FreeMotion | None) -> FreeMotion:
        return FreeMotion(len(window.frames), (window.frames.shape[2], window.frames.shape[3]))
