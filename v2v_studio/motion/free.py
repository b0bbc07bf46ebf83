"""Motion that is left to the model."""

from __future__ import annotations

from pydantic import BaseModel

from v2v_studio.types import Anchor, FreeMotion, OnStep, Window, unwatched


class FreeParams(BaseModel):
    pass


class Free:
    """The motion source of renderers that make up motion themselves."""

    gives = (FreeMotion,)
    made = True
    drawn = False
    Params: type[BaseModel] = FreeParams

    def open(self, anchor: Anchor, params: BaseModel, on_step: OnStep = unwatched) -> OpenFree:
        return OpenFree()


class OpenFree:
    """Nothing to know but how many frames there are."""

    def motion(self, window: Window, before: FreeMotion | None) -> FreeMotion:
        return FreeMotion(len(window.frames), (window.frames.shape[2], window.frames.shape[3]))
