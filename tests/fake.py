"""A renderer for tests of everything above renderers: the first frame, repeated. See the fixture `fake`."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from v2v_studio.renderers.base import Carry, OpenRender, Rendered
from v2v_studio.types import Anchor, BoxSequence, Direction, FlowField, FreeMotion, Motion, OnStep, Window, unwatched


class FakeParams(BaseModel):
    pass


class Fake:
    """Gives back the first frame for every frame; needs no motion, no weights and no time."""

    accepts: tuple[type[Motion], ...] = (FlowField, FreeMotion, BoxSequence)
    directions: tuple[Direction, ...] = ("backward", "forward")
    Params: type[BaseModel] = FakeParams

    def open(self, anchor: Anchor, params: BaseModel, seed: int, on_step: OnStep = unwatched) -> OpenRender:
        return Repeat(anchor)


class Repeat:
    window = stride = 1

    def __init__(self, anchor: Anchor) -> None:
        self._styled = np.clip(anchor.styled, 0, 1)

    def render(self, window: Window, motion: Motion, carry: Carry) -> Rendered:
        return Rendered(np.repeat(self._styled[None], len(window.frames), 0), {})
