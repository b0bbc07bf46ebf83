"""Keys out of boxes that are known on every frame: as few as a hand would have set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from v2v_studio.project.control import Key

SLACK = 0.02  # of an object's size, that keys may be off
LEAST = 0.5  # pixels, that they always may


def keys_of(frames: Sequence[int], boxes: NDArray[np.floating], present: NDArray[np.bool_]) -> list[Key]:
    """Few keys that linear interpolation makes boxes of again, to within a fiftieth of an object's size, and half a pixel.

    Where an object comes, goes and turns are keys, so that a hand can go on from there.

    Args:
        frames: ascending, one after the other.
        boxes: (T, 4) x0, y0, x1, y1.
        present: (T,), whether it is in the picture.
    """
    keys: list[Key] = []
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(int)))
    for start, stop in zip(bounds[::2], bounds[1::2], strict=True):
        run = np.asarray(np.round(boxes[start:stop], 1), np.float64)
        slack = max(LEAST, SLACK * float(np.median(np.sqrt(np.prod(run[:, 2:] - run[:, :2], 1)))))
        kept = sorted(_knots(run, 0, len(run) - 1, slack))
        keys += [Key(frame=frames[start + i], box=_sides(run[i])) for i in kept]
        if stop < len(frames):
            keys.append(Key(frame=frames[stop], box=None))
    return keys


def _knots(boxes: NDArray[np.float64], first: int, last: int, slack: float) -> set[int]:
    """Indices between which straight lines come near enough (Ramer 1972; Douglas and Peucker 1973, in time)."""
    if last - first < 2:
        return {first, last}
    along = np.linspace(0, 1, last - first + 1)[:, None]
    off = np.abs(boxes[first : last + 1] - (1 - along) * boxes[first] - along * boxes[last]).max(1)
    worst = int(off.argmax())
    if off[worst] <= slack:
        return {first, last}
    return _knots(boxes, first, first + worst, slack) | _knots(boxes, first + worst, last, slack)


def _sides(box: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """x, y, width, height."""
    x0, y0, x1, y1 = box.tolist()
    return x0, y0, round(x1 - x0, 1), round(y1 - y0, 1)
