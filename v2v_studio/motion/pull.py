"""Drags that pull at the first frame's own pixels: a dense field at once and without weights, inside the motion brush.

Between drags their ways are interpolated by inverse distance (Shepard 1968): where a drag takes hold all goes its way, and
nothing goes farther than the farthest drag. Outside the brush nothing moves. Without a brush the pull fades away from where
the nearest drag takes hold. No network completes it: what is behind comes in as the renderer shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from v2v_studio.errors import UsageError
from v2v_studio.flow.longrange import PARTS, quantised
from v2v_studio.motion.rasterise import FRAMES, held_still, resampled
from v2v_studio.types import Anchor, Array, FlowField, MotionBrush, OnStep, Trajectory, Window, unwatched

REACH = 0.4  # of the shorter side, where a pull without a brush has faded; at half of that, it is about half


class PullParams(BaseModel):
    frames: int = Field(0, ge=0, description="Over how many frames the drags take their course; 0: the shot's own.")


class Pull:
    """The motion source of drags on the picture's own pixels, at once and without weights."""

    gives = (FlowField,)
    made = True
    drawn: tuple[str, ...] = ("drags", "brush")
    Params: type[BaseModel] = PullParams

    def open(self, anchor: Anchor, params: Any, on_step: OnStep = unwatched) -> OpenPull:
        """Raises UsageError where no drag is drawn."""
        return OpenPull(anchor, params.frames or FRAMES)


class OpenPull:
    """One first frame being pulled. Windows of any length give the same bytes."""

    def __init__(self, anchor: Anchor, frames: int) -> None:
        drags, size = anchor.drawn.drags, anchor.styled.shape[1:]
        if not drags:
            raise UsageError("no drag is drawn that could be followed; draw one with: v2v draw SHOT --drag 'X,Y X,Y'")
        self._ways = np.stack([way(drag, max(2, frames)) for drag in drags])
        self._shares = shares([drag.points[0] for drag in drags], anchor.drawn.brush, size)  # type: ignore[arg-type]

    def motion(self, window: Window, before: FlowField | None) -> FlowField:
        """Forward motion of the window's frames, all of it visible; where the drags have ended it stays."""
        fields = np.stack([self._field(index) for index in range(window.start, window.stop)])
        return FlowField(quantised(fields, PARTS), "forward", np.ones_like(fields[:, :1]))

    def _field(self, index: int) -> Array:
        """(2, H, W): how far everything has gone by a frame."""
        ways = self._ways[:, min(index, self._ways.shape[1] - 1)]
        field = np.zeros((2, *self._shares.shape[1:]), np.float32)
        for share, gone in zip(self._shares, ways, strict=True):
            field += share * gone[:, None, None]
        return field


def way(drag: Trajectory, frames: int) -> Array:
    """(frames, 2): how far a drag has gone by each frame, x and y. A single point holds still."""
    if len(drag.points) == 1:
        return np.zeros((frames, 2), np.float32)
    path = resampled(drag, frames)
    return np.asarray(path - path[0], np.float32)


def shares(holds: Sequence[tuple[float, float]], brush: MotionBrush | None, size: tuple[int, int]) -> Array:
    """(N, H, W): how much of each drag's way a pixel goes; together 1 inside the brush, 0 outside.

    Args:
        holds: where each drag takes hold, (x, y).
        brush: without one, or where it leaves nothing out, a way fades with the distance r by (1 - (r / reach)^2)^2.
    """
    height, width = size
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    squared = np.stack([(columns - x) ** 2 + (rows - y) ** 2 for x, y in holds]).astype(np.float32)
    weights = 1 / np.maximum(squared, 1e-6)
    return np.asarray(weights / weights.sum(0) * _moves(squared.min(0), brush, size), np.float32)


def _moves(squared: Array, brush: MotionBrush | None, size: tuple[int, int]) -> Array:
    """(H, W) in [0, 1]: how much a pixel moves, by its squared distance from the nearest drag."""
    still = held_still(brush, size)
    if still.any():
        return 1 - still
    return np.square(np.maximum(0, 1 - squared / np.float32((REACH * min(size)) ** 2)))
