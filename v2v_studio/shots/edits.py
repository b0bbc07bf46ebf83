"""Shots changed by hand: pure functions on lists of half-open ranges, checked before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from v2v_studio.errors import UsageError
from v2v_studio.shots.base import Range


def split(shots: Sequence[Range], frame: int) -> list[Range]:
    """The shots with the one that holds `frame` divided before it.

    Raises:
        UsageError: no shot holds the frame, or a shot already starts there.

    Example:
        >>> split([(0, 10), (10, 20)], 4)
        [(0, 4), (4, 10), (10, 20)]
    """
    index = next((n for n, (start, end) in enumerate(shots) if start <= frame < end), None)
    if index is None:
        raise UsageError(f"frame {frame} is in no shot, so nothing can be split there; the shots are {_list(shots)}")
    start, end = shots[index]
    if frame == start:
        possible = f"choose a frame from {start + 1} to {end - 1}" if end - start > 1 else "it has one frame only"
        raise UsageError(
            f"shot [{start}, {end}) starts at frame {frame} already, so a split changes nothing; {possible}"
        )
    return [*shots[:index], (start, frame), (frame, end), *shots[index + 1 :]]


def merge(shots: Sequence[Range], first: int, second: int) -> list[Range]:
    """The shots with two neighbours made one.

    Args:
        first, second: positions in `shots`; in either order.

    Raises:
        UsageError: no such shot, or the two do not touch: frames that are in no shot (a transition, or trimmed away) cannot
            be merged in.

    Example:
        >>> merge([(0, 4), (4, 10), (10, 20)], 0, 1)
        [(0, 10), (10, 20)]
    """
    first, second = sorted((first, second))
    for index in (first, second):
        _check_index(shots, index)
    (start, stop), (resume, end) = shots[first], shots[second]
    if stop != resume:
        raise UsageError(
            f"shots [{start}, {stop}) and [{resume}, {end}) do not touch, so they cannot be merged; "
            f"shots that touch are {_list_touching(shots)}"
        )
    return [*shots[:first], (start, end), *shots[second + 1 :]]


def trim(shots: Sequence[Range], index: int, start: int, end: int, frames: int) -> list[Range]:
    """The shots with one of them given another range, shorter or longer.

    Args:
        index: position in `shots`.
        start, end: the new half-open range.
        frames: length of the footage.

    Raises:
        UsageError: no such shot, the range is empty, leaves the footage, or takes frames of a neighbour.

    Example:
        >>> trim([(0, 10), (10, 20)], 0, 2, 9, frames=20)
        [(2, 9), (10, 20)]
    """
    _check_index(shots, index)
    low = shots[index - 1][1] if index else 0
    high = shots[index + 1][0] if index + 1 < len(shots) else frames
    if not low <= start < end <= high:
        old = shots[index]
        raise UsageError(
            f"[{start}, {end}) is no range for shot [{old[0]}, {old[1]}); "
            f"it needs at least one frame and has room from frame {low} up to, not including, {high}"
        )
    return [*shots[:index], (start, end), *shots[index + 1 :]]


def _check_index(shots: Sequence[Range], index: int) -> None:
    if not 0 <= index < len(shots):
        raise UsageError(f"there is no shot {index}; there are {len(shots)}, counted from 0")


def _list(shots: Sequence[Range]) -> str:
    return ", ".join(f"[{start}, {end})" for start, end in shots) or "none"


def _list_touching(shots: Sequence[Range]) -> str:
    pairs = [(a, b) for a, b in pairwise(shots) if a[1] == b[0]]
    return ", ".join(f"{_list([a])} with {_list([b])}" for a, b in pairs) or "none"
