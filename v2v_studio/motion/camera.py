"""A camera that moves over the first frame: pan and zoom at a steady pace, on a picture of any shape.

Frame 0 is the whole first frame. From there the view is shifted, or made smaller or larger around its middle; what comes
into it from beyond the first frame is not visible. The released code instead crops every frame, the first one too, out of
a larger picture (`models.consisti2v.released_view`), which a first frame that stands for itself cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.flow.longrange import PARTS, quantised
from v2v_studio.types import Anchor, Array, FlowField, OnStep, Window, unwatched
from v2v_studio.warping import grid, planes

COURSE = 16  # frames in which, at speed 1, the camera goes
PANNED = 0.5  # of the frame's width or height, or
ZOOMED = 1.5  # times nearer or farther

Move = Literal["pan-left", "pan-right", "pan-up", "pan-down", "zoom-in", "zoom-out"]
WAYS: dict[Move, tuple[int, int, int]] = {  # to the right, down, and away
    "pan-left": (-1, 0, 0),
    "pan-right": (1, 0, 0),
    "pan-up": (0, -1, 0),
    "pan-down": (0, 1, 0),
    "zoom-in": (0, 0, -1),
    "zoom-out": (0, 0, 1),
}


class SpeedParams(BaseModel):
    speed: float = Field(
        1.0, gt=0, le=4, description="Of the camera: at 1, half the frame's side or a zoom of 1.5 in 16 frames."
    )


class CameraParams(SpeedParams):
    camera: Move = Field("zoom-in", description="Where the camera goes; what is seen goes the other way.")


class Camera:
    """The motion source of a move over the first frame, at once and without weights."""

    gives = (FlowField,)
    made = True
    drawn: tuple[str, ...] = ()
    Params: type[BaseModel] = CameraParams

    def open(self, anchor: Anchor, params: Any, on_step: OnStep = unwatched) -> OpenCamera:
        return OpenCamera(params.camera, params.speed)


@dataclass(frozen=True)
class OpenCamera:
    """One move. Windows of any length give the same bytes."""

    move: Move
    speed: float

    def motion(self, window: Window, before: FlowField | None) -> FlowField:
        """Backward motion of the window's frames, with `step`."""
        size = window.frames.shape[2], window.frames.shape[3]
        entries = [self._entry(index, size) for index in range(window.start, window.stop)]
        ways, steps, visible = (np.stack(parts) for parts in zip(*entries, strict=True))
        return FlowField(quantised(ways, PARTS), "backward", visible, quantised(steps, PARTS))

    def _entry(self, index: int, size: tuple[int, int]) -> tuple[Array, Array, Array]:
        """Displacement and step, (2, H, W) each, and what the first frame shows, (1, H, W)."""
        view, before = self.view(index, size), self.view(index - 1, size)
        here = planes(grid(*size))
        there = view.onto(here)
        last = np.array([size[1] - 1, size[0] - 1], np.float32)[:, None, None]
        inside = ((there >= 0) & (there <= last)).all(0, keepdims=True)
        return there - here, before.back(there) - here, np.asarray(inside, np.float32)

    def view(self, index: int, size: tuple[int, int]) -> View:
        """What is seen of a first frame of a size (H, W), so many frames after it."""
        right, down, away = WAYS[self.move]
        along = self.speed * index / COURSE
        height, width = size
        shift = PANNED * along * width * right, PANNED * along * height * down
        return View(((width - 1) / 2, (height - 1) / 2), shift, ZOOMED ** (along * away))


@dataclass(frozen=True)
class View:
    """A frame's part of the first frame.

    Attributes:
        middle: (x, y) of the frame.
        shift: (x, y) in pixels, from its middle to what is seen there.
        scale: its size in that of the frame.
    """

    middle: tuple[float, float]
    shift: tuple[float, float]
    scale: float

    def onto(self, positions: Array) -> Array:
        """Positions (2, H, W) in the frame -> in the first frame."""
        middle, shift = _vector(self.middle), _vector(self.shift)
        return middle + (positions - middle) * np.float32(self.scale) + shift

    def back(self, positions: Array) -> Array:
        """Positions (2, H, W) in the first frame -> in the frame."""
        middle, shift = _vector(self.middle), _vector(self.shift)
        return middle + (positions - middle - shift) / np.float32(self.scale)


def _vector(point: tuple[float, float]) -> Array:
    return np.array(point, np.float32)[:, None, None]
