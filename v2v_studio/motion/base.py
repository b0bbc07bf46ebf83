"""What a motion source is."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from v2v_studio.registry import Registry
from v2v_studio.types import Anchor, Motion, OnStep, Window, unwatched

Moving = TypeVar("Moving", bound=Motion, covariant=True)


class OpenMotion(Protocol[Moving]):
    """The motion of one shot, given window by window in order."""

    def motion(self, window: Window, before: Any) -> Moving:
        """Motion of the window's frames against the anchor.

        `before` is the motion of the frame before the window (None for the first): all the state there is, so that a
        shot can be continued from what was saved, with the same bytes as in one go. Only a FlowField is saved: other
        motion is made of the window and the anchor alone.
        """
        ...


class MotionSource(Protocol):
    """A maker of motion.

    Attributes:
        gives: the types of motion, of which it depends on the options which one comes.
        made: whether it is made up from the first frame's look, rather than found in the footage.
        drawn: of what is drawn in control.json (drags, brush, boxes), that which it follows.
        Params: the options, read by CLI flags and UI forms.
    """

    gives: tuple[type[Motion], ...]
    made: bool
    drawn: tuple[str, ...]
    Params: type[BaseModel]

    def open(self, anchor: Anchor, params: BaseModel, on_step: OnStep = unwatched) -> OpenMotion[Motion]: ...


MOTION = Registry(
    "motion",
    {
        "boxes": "v2v_studio.motion.boxes:Boxes",
        "camera": "v2v_studio.motion.camera:Camera",
        "drag": "v2v_studio.motion.drag:Drag",
        "estimate": "v2v_studio.motion.estimate:Estimate",
        "free": "v2v_studio.motion.free:Free",
        "generate": "v2v_studio.motion.generate:Generate",
        "pull": "v2v_studio.motion.pull:Pull",
    },
)
