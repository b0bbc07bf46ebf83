"""The embedded renderer: a painted key carried through a shot, with no pretrained weights.

Three ways to a pixel, each where it is right: look it up in the key along the motion; predict it from the source frame,
for a style that is a function of appearance; synthesise it from patches of the key, where the motion is unsure or torn.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.errors import RenderError
from v2v_studio.renderers.base import Carry, OpenRender, Rendered
from v2v_studio.types import Anchor, Direction, FlowField, Motion, OnStep, Window, unwatched


class EmbeddedParams(BaseModel):
    quality: Literal["draft", "final"] = Field(
        "final", description="draft: a quick look, unseen places filled from their neighbours; final: synthesised."
    )


class Embedded:
    """Carries the first frame's look along a backward FlowField, one frame at a time."""

    accepts: tuple[type[Motion], ...] = (FlowField,)
    directions: tuple[Direction, ...] = ("backward",)
    Params: type[BaseModel] = EmbeddedParams

    def open(self, anchor: Anchor, params: BaseModel, seed: int, on_step: OnStep = unwatched) -> OpenRender:
        """Fit to the anchor.

        Raises:
            RenderError: the frame is smaller than a patch.
        """
        if min(anchor.source.shape[1:]) < 8:
            height, width = anchor.source.shape[1:]
            raise RenderError(
                f"frames are {width}x{height}; the embedded renderer needs 8x8 or more, so enlarge the footage"
            )
        if EmbeddedParams.model_validate(params.model_dump()).quality == "draft":
            from v2v_studio.renderers.embedded.draft import Draft  # imports no compiler

            return Checked(Draft(anchor, seed))
        from v2v_studio.renderers.embedded.final import Final

        return Checked(Final(anchor, seed))


class Checked:
    """A render that refuses motion it cannot sample with, before it does any work."""

    window = stride = 1

    def __init__(self, inner: OpenRender) -> None:
        self._inner = inner

    def render(self, window: Window, motion: FlowField, carry: Carry) -> Rendered:
        """See `OpenRender`.

        Raises:
            RenderError: the motion is forward, of another size, or not finite.
        """
        if motion.direction != "backward":
            raise RenderError("the embedded renderer samples the first frame, so it needs backward motion, not forward")
        if motion.size != window.frames.shape[2:]:
            raise RenderError(
                f"motion is {motion.size} but the frame is {window.frames.shape[2:]}; resize the motion first"
            )
        if not np.isfinite(motion.displacement).all():
            raise RenderError(f"the motion of frame {window.start} holds values that are not finite; estimate it again")
        return self._inner.render(window, motion, carry)
