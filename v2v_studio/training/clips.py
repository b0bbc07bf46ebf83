"""Of a sample: which of its frames, and which part of them at which size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import resize
from v2v_studio.training.draw import integers
from v2v_studio.training.sample import Sample
from v2v_studio.types import Array, BoxSequence


def spaced(sample: Sample, frames: int, longest: int, draw: torch.Generator) -> NDArray[np.int64]:
    """So many of a sample's frames, from anywhere in it, evenly spaced: 1 to `longest` frames of the footage apart.

    Every spacing that the sample is long enough for is as likely as any other.

    Raises:
        MediaError: the sample is too short.
    """
    every = max(1, round(sample.indices[-1] / max(1, len(sample) - 1)))  # frames of the footage from one to the next
    most = (len(sample) - 1) // max(1, frames - 1)
    if len(sample) < frames:
        raise MediaError(
            f"{sample.name} has {len(sample)} frames and {frames} are trained on at once; prepare longer clips, or train "
            f"on fewer with -p frames={len(sample)}"
        )
    apart = 1 + _below(draw, max(1, min(most, longest // every)))
    return _below(draw, len(sample) - apart * (frames - 1)) + apart * np.arange(frames)


def covering(frames: Array, height: int, width: int) -> Array:
    """Frames (T, 3, H, W) -> (T, 3, height, width): the middle, as large as it can be."""
    h, w = frames.shape[2:]
    scale = max(height / h, width / w)
    size = max(width, round(w * scale)), max(height, round(h * scale))
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    return np.stack([resize(frame, size)[:, top : top + height, left : left + width] for frame in frames])


def stretched(frames: Array, height: int, width: int) -> Array:
    """Frames (T, 3, H, W) -> (T, 3, height, width), whatever their shape."""
    return np.stack([resize(frame, (width, height)) for frame in frames])


def square(sample: Sample, share: float, draw: torch.Generator) -> tuple[Array, BoxSequence]:
    """A square anywhere in one of the frames in which there is an object, and the boxes in it.

    Args:
        share: smallest side, as a share of the frame's shorter one; the largest is all of it.

    Returns:
        (1, 3, S, S), and boxes of one frame.

    Raises:
        MediaError: there is no object in any frame.
    """
    seen = np.flatnonzero(boxed(sample).present.any(1))
    if not len(seen):
        raise MediaError(
            f"{sample.name} has boxes, but none is of an object that is to be seen; leave it out of the data"
        )
    frame = int(seen[_below(draw, len(seen))])
    picture, boxes = sample.frames[frame : frame + 1], boxed(sample).entry(frame)
    h, w = picture.shape[2:]
    shorter = min(h, w)
    side = shorter - _below(draw, shorter - max(1, round(share * shorter)) + 1)
    top, left = _below(draw, h - side + 1), _below(draw, w - side + 1)
    moved = boxes.boxes - np.array([left, top, left, top], np.float32)
    return picture[..., top : top + side, left : left + side], replace(boxes, boxes=moved, size=(side, side))


def boxed(sample: Sample) -> BoxSequence:
    """The boxes of a sample.

    Raises:
        MediaError: it has none.
    """
    if sample.boxes is None:
        raise MediaError(
            f"{sample.name} has no boxes, which this recipe is told of; prepare data in which objects are marked, as "
            "GOT-10K and YouTube-VIS are"
        )
    return sample.boxes


def _below(draw: torch.Generator, count: int) -> int:
    return int(integers(draw, 0, count, 1))
