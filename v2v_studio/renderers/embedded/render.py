"""The embedded renderer: a painted key carried through a shot, with no pretrained weights.

Three ways to a pixel, each where it is right (docs/embedded.md): look it up in the key along the map; predict it from the
source frame, for a style that is a function of appearance; synthesise it from patches of the key where the map is torn.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.errors import RenderError
from v2v_studio.renderers.base import Carry, OpenRender, Rendered
from v2v_studio.types import Anchor, Array, FlowField, Motion, Window
from v2v_studio.warping import grid, pixels, planes


class EmbeddedParams(BaseModel):
    quality: Literal["draft", "final"] = Field("final", description="draft: seconds, no patch synthesis.")


class Embedded:
    """Carries the anchor's look along a FlowField, one frame at a time."""

    accepts = FlowField
    window = 1
    Params = EmbeddedParams

    def open(self, anchor: Anchor, params: BaseModel, seed: int) -> OpenRender:
        assert isinstance(params, EmbeddedParams)
        from v2v_studio.renderers.embedded.final import Final

        return Final(anchor, seed)
