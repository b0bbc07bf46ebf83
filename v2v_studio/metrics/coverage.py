"""Which of many views to add so that together they show the most: greedy choice, exact on packed masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]  # (T, B): a mask for each of T frames, eight pixels a byte, zeros behind the last pixel


@dataclass(frozen=True)
class Choice:
    """One view that was chosen.

    Attributes:
        index: which of the views.
        unseen: (T,) int, the pixels of each frame that neither it nor a view chosen before it shows.
    """

    index: int
    unseen: np.ndarray


def packed(mask: np.ndarray) -> Bits:
    """(H, W) bool -> (B,), an eighth of the bytes."""
    return np.packbits(mask.ravel())


def unseen_from(views: Iterable[Bits], frames: int, pixels: int) -> Bits:
    """(T, B), what none of the views shows; everything where there is no view.

    Args:
        views: (T, B) each.
        frames: T.
        pixels: of one frame.
    """
    unseen = np.tile(packed(np.ones(pixels, bool)), (frames, 1))
    for view in views:
        unseen &= ~view
    return unseen


def pixels_in(bits: Bits) -> np.ndarray:
    """(T,) int, how many pixels are set in each frame."""
    return np.bitwise_count(bits).sum(axis=1, dtype=np.int64)


def greedy(unseen: Bits, views: Sequence[Bits], count: int) -> list[Choice]:
    """Views in the order of what each adds to those before it; of equals the first.

    What views show together is submodular, so k of them chosen in this way show at least 1 - 1/e of what the best k
    would (Nemhauser, Wolsey and Fisher 1978).

    Args:
        unseen: (T, B), what is to be shown.
        views: (T, B) each, what each of them shows.
        count: how many to choose; fewer are, where none of them shows any more of it.
    """
    chosen: list[Choice] = []
    while len(chosen) < count:
        gains = [int(pixels_in(unseen & view).sum()) for view in views]
        if not any(gains):
            break
        index = int(np.argmax(gains))
        unseen = unseen & ~views[index]
        chosen.append(Choice(index, pixels_in(unseen)))
    return chosen
