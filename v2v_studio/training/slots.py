"""Objects of a sample as SMCD is trained on them: boxes as shares of the picture, in so many slots."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from v2v_studio.models.smcd.places import normalised, padded
from v2v_studio.types import Array, BoxSequence


class Slots(NamedTuple):
    """What SMCD is told of objects."""

    boxes: Array  # (T, N, 4), x0, y0, x1, y1 in [0, 1]
    present: NDArray[np.bool_]  # (T, N); nothing is in a free slot
    phrases: tuple[str, ...]  # of the objects, which come before the free slots


def slots(sequence: BoxSequence, count: int, largest_first: bool = False) -> Slots:
    """The objects that are to be seen in `count` slots: the first of them, or the largest. Boxes end with the picture.

    An object is not there in a frame where its box lies beyond the picture.
    """
    boxes = normalised(sequence.boxes, sequence.present, sequence.size[::-1])
    area = np.where(sequence.present, (boxes[..., 2:] - boxes[..., :2]).prod(-1), 0)
    seen = np.flatnonzero(area.any(0))
    if largest_first:
        seen = seen[np.argsort(-area.max(0)[seen], kind="stable")]
    seen = seen[:count]
    boxes, present = padded(boxes[:, seen], area[:, seen] > 0, count)
    return Slots(boxes, present, tuple(sequence.phrases[number] for number in seen))
