"""What is drawn on a shot, in control.json: identified for recipes, and fitted to the size that is worked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.media.frames import pixels_digest, read_picture
from v2v_studio.motion.boxes import boxes_at
from v2v_studio.project.control import Control
from v2v_studio.project.store import Store
from v2v_studio.types import Array, BoxSequence, Drawn, MotionBrush, Trajectory


def control_digest(store: Store, shot: str, follows: Sequence[str]) -> str:
    """The identity of what is drawn: of the numbers and of the brush's pixels.

    Args:
        follows: of the control's drags, brush and boxes, those that count.

    Raises:
        UsageError: none of them is drawn.
    """
    control, path = _control(store, shot, follows), store.control_file(shot)
    own: dict[str, Any] = {
        "drags": [drag.points for drag in control.drags],
        "brush": pixels_digest(_brush(path, control)) if control.brush and "brush" in follows else None,
        "boxes": [box.plain() for box in control.boxes],
    }
    return fingerprint({"size": [control.width, control.height]} | {key: own[key] for key in follows})


def drawn_on(store: Store, shot: str, size: tuple[int, int], frames: Sequence[int], follows: Sequence[str]) -> Drawn:
    """What is drawn, in pixels of frames of a size (width, height).

    Args:
        frames: of the footage: those that boxes are wanted for, in the order they are wanted in.
        follows: see `control_digest`.

    Raises:
        UsageError: nothing of that is drawn.
        MediaError, ProjectError: the brush is no picture, or of another size than the rest is drawn on.
    """
    control = _control(store, shot, follows)
    scale = np.array(size) / (control.width, control.height)
    drags = tuple(Trajectory(tuple(map(tuple, np.array(drag.points) * scale))) for drag in control.drags)
    brush = None
    if control.brush and "brush" in follows:
        brush = MotionBrush(_brush(store.control_file(shot), control).mean(0))
    return Drawn(drags, brush, boxes_on(store, shot, size, frames) if "boxes" in follows else None)


def boxes_on(store: Store, shot: str, size: tuple[int, int], frames: Sequence[int]) -> BoxSequence:
    """The boxes on frames of the footage, in pixels of a size (width, height). UsageError where none is drawn."""
    control = _control(store, shot, ("boxes",))
    drawn = boxes_at(control.boxes, frames, (control.width, control.height))
    scale = np.array(size) / (control.width, control.height)
    boxes = (drawn.boxes * np.tile(scale, 2)).astype(np.float32)
    return BoxSequence(boxes, drawn.present, drawn.phrases, (size[1], size[0]))


def _control(store: Store, shot: str, follows: Sequence[str]) -> Control:
    control, file = store.control(shot), store.control_file(shot)
    if control is not None and any(getattr(control, key) for key in follows):
        return control
    if "boxes" in follows:
        raise UsageError(
            f"no boxes are drawn on {shot}; draw one around something that is followed: "
            f"v2v boxes {shot} --follow X,Y,WIDTH,HEIGHT@1001 --phrase 'a ball', or write boxes into {file}"
        )
    raise UsageError(f"nothing is drawn on {shot}; write drags or a brush into {file}")


def _brush(path: Path, control: Control) -> Array:
    """(3, H, W) in [0, 1]."""
    assert control.brush
    picture = read_picture(path.with_name(control.brush)).over_black
    if picture.shape[1:] != (control.height, control.width):
        height, width = picture.shape[1:]
        raise ProjectError(
            f"{control.brush} of {path.parent.name} is {width}x{height} but the control is drawn on "
            f"{control.width}x{control.height}; paint it at that size"
        )
    return picture
