"""Which of many views to add so that together they show the most: greedy choice, exact on packed masks.

A view is one frame looked from: what it shows of every other one. A frame is seen through the nearest view before it and the
nearest one after it, as a take is carried from the nearest first frames on either side.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]  # (T, B): a mask for each of T frames, eight pixels a byte, zeros behind the last pixel
Views = Mapping[int, Bits]  # frame looked from -> what it shows of T frames


@dataclass(frozen=True)
class Choice:
    """One view that was chosen.

    Attributes:
        frame: the frame it looks from.
        unseen: (T,) int, the pixels of each frame that are unseen with it and the views chosen before it.
    """

    frame: int
    unseen: np.ndarray


def packed(mask: np.ndarray) -> Bits:
    """(H, W) bool -> (B,), an eighth of the bytes."""
    return np.packbits(mask.ravel())


def pixels_in(bits: Bits) -> np.ndarray:
    """(T,) int, how many pixels are set in each frame."""
    return np.bitwise_count(bits).sum(axis=1, dtype=np.int64)


def neighbours(frame: int, chosen: Iterable[int]) -> tuple[int | None, int | None]:
    """The nearest of the chosen frames before a frame and after it; None where there is none.

    Example:
        >>> neighbours(14, [10, 12, 14])
        (12, None)
    """
    chosen = list(chosen)
    below, above = [other for other in chosen if other < frame], [other for other in chosen if other > frame]
    return max(below, default=None), min(above, default=None)


def between(frame: int, chosen: Iterable[int], frames: Sequence[int]) -> slice:
    """The frames that are seen through a view: those between its neighbours, or up to an end.

    Args:
        frames: ascending.

    Example:
        >>> between(14, [10, 14, 18], [10, 12, 14, 16, 18, 20])
        slice(1, 4, None)
    """
    low, high = neighbours(frame, chosen)
    return slice(
        0 if low is None else bisect_right(frames, low), len(frames) if high is None else bisect_left(frames, high)
    )


def unseen_from(views: Views, chosen: Collection[int], frames: Sequence[int], pixels: int) -> Bits:
    """(T, B), what is unseen through the chosen views; everything where there is none.

    Args:
        views: those chosen, and perhaps others.
        frames: the T frames that masks are of, ascending.
        pixels: of one frame.
    """
    unseen = np.tile(packed(np.ones(pixels, bool)), (len(frames), 1))
    for frame in chosen:
        reached = between(frame, chosen, frames)
        unseen[reached] &= ~views[frame][reached]
    return unseen


def greedy(views: Views, now: Collection[int], count: int, frames: Sequence[int], pixels: int) -> list[Choice]:
    """Views in the order of what each adds to those before it; of equals the earliest.

    Args:
        now: the views there are.
        count: how many to choose; fewer are, where none of them shows any more.
        frames, pixels: see `unseen_from`.
    """
    chosen, made = set(now), list[Choice]()
    unseen = pixels_in(unseen_from(views, chosen, frames, pixels))
    while len(made) < count:
        candidates = [_with(frame, views, chosen, unseen, frames, pixels) for frame in sorted(views.keys() - chosen)]
        best = min(candidates, key=lambda choice: int(choice.unseen.sum()), default=None)
        if best is None or best.unseen.sum() >= unseen.sum():
            break
        chosen.add(best.frame)
        made.append(best)
        unseen = best.unseen
    return made


def _with(
    frame: int, views: Views, chosen: Collection[int], unseen: np.ndarray, frames: Sequence[int], pixels: int
) -> Choice:
    """One more view, which changes nothing but the frames between its neighbours."""
    reached = between(frame, chosen, frames)
    near = {frame, *(other for other in neighbours(frame, chosen) if other is not None)}
    parts = {other: views[other][reached] for other in near}
    fewer = unseen.copy()
    fewer[reached] = pixels_in(unseen_from(parts, near, frames[reached], pixels))
    return Choice(frame, fewer)
