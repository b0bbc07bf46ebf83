"""The first frame, repeated: for tests of everything above a renderer. No motion is looked at."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from v2v_studio.renderers.base import Carry, Rendered
from v2v_studio.types import Anchor, FlowField, Motion, Window


class FakeParams(BaseModel):
    """It has no options."""


class Fake:
    """The first frame, repeated: a renderer for tests of everything above it."""

    accepts = FlowField
    window = 4
    Params = FakeParams

    def open(self, anchor: Anchor, params: BaseModel, seed: int) -> OpenFake:
        return OpenFake(anchor)


class OpenFake:
    def __init__(self, anchor: Anchor) -> None:
        self._styled = anchor.styled

    def render(self, window: Window, motion: Motion, carry: Carry) -> Rendered:
        return Rendered(np.stack([self._styled] * len(window.frames)), {})
