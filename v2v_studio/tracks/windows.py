"""A shot of any length, cut into windows: the only thing that bounds memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from v2v_studio.types import Array, Window


def windows(previous: Array, frames: Iterable[Array], length: int, start: int = 1) -> Iterator[Window]:
    """Group a stream of frames into windows, holding no more than one at a time.

    Args:
        previous: (3, H, W), the source frame before the first of `frames`.
        frames: (3, H, W) each, in order.
        length: frames in a window; the last one may be shorter.
        start: index of the first of `frames`, counted from the anchor.

    Example:
        >>> still = np.zeros((3, 2, 2), np.float32)
        >>> [(w.start, w.stop) for w in windows(still, [still] * 5, length=2)]
        [(1, 3), (3, 5), (5, 6)]
    """
    held: list[Array] = []
    for frame in frames:
        held.append(frame)
        if len(held) == length:
            yield Window(start, np.stack(held), previous)
            start, previous, held = start + length, held[-1], []
    if held:
        yield Window(start, np.stack(held), previous)
