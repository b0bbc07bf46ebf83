"""What samples are cut from: footage, and what is known of it beside its frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from v2v_studio.media.probe import PICTURE_RATE
from v2v_studio.types import Array, BoxSequence


@dataclass(frozen=True)
class Annotation:
    """What is known of a clip.

    Attributes:
        caption: a text of what it shows; empty where there is none.
        boxes: where objects are, in every frame of it; None where that is not known.
    """

    caption: str = ""
    boxes: BoxSequence | None = None


@dataclass(frozen=True)
class Source:
    """A clip to cut samples from.

    Attributes:
        name: its own among the sources of a run.
        path: a video, or a folder of pictures.
        annotation: reads what is known of it, when its turn comes: a data set of ten thousand clips is not read at once.
        rate: frames a second of pictures, which carry none of their own.
    """

    name: str
    path: Path
    annotation: Callable[[], Annotation] = Annotation
    rate: Fraction = PICTURE_RATE


def inside(boxes: Array, present: NDArray[np.bool_], size: tuple[int, int]) -> tuple[Array, NDArray[np.bool_]]:
    """Boxes cut at the frame's edges, and which are there: one of which nothing is inside is not.

    Args:
        boxes: (..., 4) float32, x0, y0, x1, y1 in pixels.
        present: (...), whether there is one at all.
        size: (H, W) of the frame.
    """
    height, width = size
    cut = np.clip(boxes, 0, np.array([width, height, width, height], np.float32))
    return cut, present & (cut[..., 2] > cut[..., 0]) & (cut[..., 3] > cut[..., 1])
