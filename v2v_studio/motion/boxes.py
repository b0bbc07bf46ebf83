"""Boxes that objects keep to, drawn in control.json: keyed at some frames, on every frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from v2v_studio.errors import UsageError
from v2v_studio.project.control import Box, Key
from v2v_studio.types import Anchor, BoxSequence, OnStep, Window, unwatched

NOWHERE = (0.0, 0.0, 1.0, 1.0)  # of an object that is not there


class BoxesParams(BaseModel):
    pass


class Boxes:
    """The motion source of what is boxed: in control.json of the shot, a box an object and frame."""

    gives = (BoxSequence,)
    made = True
    drawn: tuple[str, ...] = ("boxes",)
    Params: type[BaseModel] = BoxesParams

    def open(self, anchor: Anchor, params: BaseModel, on_step: OnStep = unwatched) -> OpenBoxes:
        """Raises UsageError where no boxes are drawn."""
        if anchor.drawn.boxes is None or not anchor.drawn.boxes.phrases:
            raise UsageError("no boxes are drawn that could be followed; draw some into control.json of the shot")
        return OpenBoxes(anchor.drawn.boxes)


class OpenBoxes:
    """The boxes from one first frame on."""

    def __init__(self, boxes: BoxSequence) -> None:
        self._boxes = boxes

    def motion(self, window: Window, before: BoxSequence | None) -> BoxSequence:
        """The window's frames, of all that are known from the first frame on."""
        return self._boxes.part(window.start, window.stop)


def boxes_at(boxes: Sequence[Box], frames: Sequence[int], size: tuple[int, int]) -> BoxSequence:
    """Keyed boxes on frames, in any order.

    Args:
        boxes: in pixels of a picture; an object each.
        frames: of the footage.
        size: (width, height) of that picture: an object whose box is wholly outside it is not present.
    """
    at, (width, height) = np.asarray(frames), size
    both = [_object(box, at) for box in boxes]
    corners = np.stack([one for one, _ in both], 1) if both else np.zeros((len(at), 0, 4))
    present = np.stack([one for _, one in both], 1) if both else np.zeros((len(at), 0), bool)
    x0, y0, x1, y1 = np.moveaxis(corners, -1, 0)
    inside = (x1 > 0) & (y1 > 0) & (x0 < width) & (y0 < height)
    phrases = tuple(box.phrase for box in boxes)
    return BoxSequence(corners.astype(np.float32), present & inside, phrases, (height, width))


def _object(box: Box, at: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Corners (T, 4) and presence (T,) of one object."""
    corners, present = np.tile(np.array(NOWHERE), (len(at), 1)), np.zeros(len(at), bool)
    for run, until in runs(box.keys):
        during = (at >= run[0].frame) & (at < until)
        corners[during] = _between(run, at[during], box.interpolation == "smooth")
        present |= during
    return corners, present


def runs(keys: Sequence[Key]) -> list[tuple[list[Key], float]]:
    """The keys of each time that an object is in the picture, and the frame where it is no longer (infinity: none).

    Example:
        >>> a, gone, b = Key(frame=2, box=(0, 0, 1, 1)), Key(frame=5, box=None), Key(frame=9, box=(3, 3, 1, 1))
        >>> [([key.frame for key in run], until) for run, until in runs([a, gone, b])]
        [([2], 5), ([9], inf)]
    """
    found: list[tuple[list[Key], float]] = []
    run: list[Key] = []
    for key in keys:
        if key.box is not None:
            run.append(key)
        elif run:
            found.append((run, key.frame))
            run = []
    return [*found, (run, np.inf)] if run else found


def _between(run: Sequence[Key], at: NDArray[np.int64], smooth: bool) -> NDArray[np.float64]:
    """Corners (T, 4) along keys that all have a box; the last one's after it.

    Linear moves the four edges, so that an edge that two keys share stays. Smooth moves the centre and the logarithm of the
    size by monotone cubics (PCHIP: Fritsch and Carlson 1980): edges each on a curve of their own might cross, a size on a
    logarithmic scale stays one, and what comes nearer evenly grows evenly in it.
    """
    frames = np.array([key.frame for key in run], np.float64)
    boxes = corners(np.array([key.box for key in run], np.float64))
    at = np.clip(at, frames[0], frames[-1])
    if not smooth or len(run) == 1:
        return np.stack([np.interp(at, frames, edge) for edge in boxes.T], 1)
    from scipy.interpolate import PchipInterpolator

    low, high = boxes[:, :2], boxes[:, 2:]
    ways = PchipInterpolator(frames, np.concatenate([(low + high) / 2, np.log(high - low)], 1))(at)
    centre, half = ways[:, :2], np.exp(ways[:, 2:]) / 2
    return np.concatenate([centre - half, centre + half], 1)


def corners(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """(..., 4) x, y, width, height -> x0, y0, x1, y1."""
    return np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], -1)
