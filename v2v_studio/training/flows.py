"""Motion out of samples, as Motion-I2V is trained on it: from the first frame to some of those after it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from v2v_studio.errors import MediaError
from v2v_studio.training.draw import integers
from v2v_studio.training.sample import Sample
from v2v_studio.types import Array
from v2v_studio.warping import pixels, planes, resized

Places = NDArray[np.int64]  # of frames in a sample


def some_later(sample: Sample, longest: int, draw: torch.Generator) -> Places:
    """(1,): any frame that is at most `longest` frames of the footage after the first.

    Raises:
        MediaError: the sample has none.
    """
    count = int((sample.indices[1:] <= longest).sum())
    if not count:
        raise MediaError(
            f"{sample.name} has no frame within {longest} after its first; prepare it with a smaller --stride"
        )
    return integers(draw, 1, count + 1, 1).numpy()


def evenly_later(sample: Sample, count: int, stride: int) -> Places:
    """(count,): frames after the first, evenly spaced, `stride` frames of the footage apart or, in a shorter sample, less.

    Raises:
        MediaError: the sample has too few.
    """
    if len(sample) <= count:
        raise MediaError(
            f"{sample.name} has {len(sample)} frames and {count + 1} are trained on at once; prepare longer samples, or "
            f"train on fewer with -p frames={len(sample)}"
        )
    last = min(int(sample.indices[-1]), count * stride)
    wanted = np.linspace(0, last, count + 1).astype(np.int64)[1:]
    places = np.abs(sample.indices[:, None] - wanted).argmin(0)
    lowest = np.arange(1, count + 1)  # no frame twice
    highest = len(sample) - count + lowest - 1
    return lowest + np.maximum.accumulate(np.minimum(np.maximum(places, lowest), highest) - lowest)


def flows(sample: Sample, places: Places, height: int, width: int) -> Array:
    """(N, 2, height, width): the motion from the first frame to those at N places, in pixels of that size.

    Raises:
        MediaError: the sample's motion is not known.
    """
    if sample.flow is None:
        raise MediaError(
            f"{sample.name} has no flow, which this recipe learns; prepare the clips with --flow longrange"
        )
    return np.stack([planes(resized(pixels(sample.flow[place - 1]), (height, width))) for place in places])
