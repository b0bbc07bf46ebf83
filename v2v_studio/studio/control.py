"""What is drawn on a shot, in control.json: identified for recipes, and fitted to the size that is worked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.media.frames import pixels_digest, read_picture
from v2v_studio.project.control import Control
from v2v_studio.project.store import Store
from v2v_studio.types import Array, Drawn, MotionBrush, Trajectory


def control_digest(store: Store, shot: str) -> str:
    """The identity of what is drawn: of the numbers and of the brush's pixels.

    Raises:
        UsageError: nothing is drawn.
    """
    control, path = _control(store, shot), store.control_file(shot)
    brush = pixels_digest(_brush(path, control)) if control.brush else None
    boxes = {"boxes": [box.plain() for box in control.boxes]} if control.boxes else {}
    size, drags = [control.width, control.height], [drag.points for drag in control.drags]
    return fingerprint({"size": size, "drags": drags, "brush": brush, **boxes})


def drawn_on(store: Store, shot: str, size: tuple[int, int]) -> Drawn:
    """What is drawn, in pixels of frames of a size (width, height).

    Raises:
        UsageError: nothing is drawn.
        MediaError, ProjectError: the brush is no picture, or of another size than the rest is drawn on.
    """
    control = _control(store, shot)
    scale = np.array(size) / (control.width, control.height)
    drags = tuple(Trajectory(tuple(map(tuple, np.array(drag.points) * scale))) for drag in control.drags)
    brush = MotionBrush(_brush(store.control_file(shot), control).mean(0)) if control.brush else None
    return Drawn(drags, brush)


def _control(store: Store, shot: str) -> Control:
    control = store.control(shot)
    if control is None or not (control.drags or control.brush or control.boxes):
        raise UsageError(f"nothing is drawn on {shot}; write drags, a brush or boxes into {store.control_file(shot)}")
    return control


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
