"""The frames of an edit, in order, each from where its segment says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

from v2v_studio.project.records import Take
from v2v_studio.timeline.edit import Segment
from v2v_studio.timeline.transitions import curve_at, remake_dissolve, remake_fade
from v2v_studio.types import Array

ReadSource = Callable[[int, int], Iterator[Array]]
ReadTake = Callable[[Take, int], Array]


def assembled(segments: Iterable[Segment], source: ReadSource, take: ReadTake) -> Iterator[Array]:
    """Frames (3, H, W) of every segment.

    Args:
        segments: they tile the footage.
        source: (start, end) -> source frames at the edit's size.
        take: (take, footage frame) -> the rendered frame.
    """
    for segment in segments:
        frames = range(segment.start, segment.end)
        needs_source = segment.outgoing is None or (_is_dissolve(segment) and segment.incoming is None)
        raw = source(segment.start, segment.end) if needs_source else repeat(None)
        for index, shown in zip(frames, raw, strict=False):
            yield _frame(segment, index, shown, take)


def _frame(segment: Segment, index: int, source: Array | None, take: ReadTake) -> Array:
    look = source if segment.outgoing is None else take(segment.outgoing, index)
    assert look is not None
    if segment.transition is None:
        return look
    share = curve_at(segment.transition, index)
    if not _is_dissolve(segment):
        return remake_fade(look, share, segment.transition.ground)
    coming = source if segment.incoming is None else take(segment.incoming, index)
    assert coming is not None
    return remake_dissolve(look, coming, share)


def _is_dissolve(segment: Segment) -> bool:
    return segment.transition is not None and segment.transition.kind == "dissolve"
