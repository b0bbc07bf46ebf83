"""What an edit plays, as ranges of footage in order. A cut that was imported has an order of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from v2v_studio.project.records import Footage, Shot
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.edit import Segment
from v2v_studio.timeline.extent import whole


@dataclass(frozen=True)
class Span:
    """Frames [start, end) of a footage."""

    footage: str
    start: int
    end: int


def film_order(footages: Iterable[Footage]) -> list[Span]:
    """Every footage whole, one after the other: what is played where no cut was imported."""
    return [Span(footage.id, 0, footage.frames) for footage in footages]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same frames with spans that go on in the same footage made one."""
    runs: list[Span] = []
    for span in spans:
        if runs and (runs[-1].footage, runs[-1].end) == (span.footage, span.start):
            runs[-1] = replace(runs[-1], end=span.end)
        else:
            runs.append(span)
    return runs


def played(segments: Iterable[Segment], span: Span) -> list[Segment]:
    """What of a footage's segments lies in a span of it. Of a dissolve that it plays in part, each shot has its half."""
    parts = (part for segment in segments for part in _halves(segment, span))
    inside = (replace(one, start=max(one.start, span.start), end=min(one.end, span.end)) for one in parts)
    return [one for one in inside if one.start < one.end]


def _halves(segment: Segment, span: Span) -> list[Segment]:
    """The segment, or where it is a dissolve that the span has not all of, the shots on either side up to its middle."""
    over = segment.transition
    if over is None or over.kind != "dissolve" or (span.start <= over.start and over.end <= span.end):
        return [segment]
    middle = (over.start + over.end) // 2
    return [
        Segment(segment.start, middle, segment.outgoing),
        Segment(middle, segment.end, segment.incoming),
    ]


def fitted(
    shots: Sequence[Shot], transitions: Iterable[Transition], spans: Iterable[Span]
) -> tuple[list[Shot], list[Span]]:
    """Shots of one footage grown to have every frame that a cut plays, and the spans that no shot can grow over.

    A frame belongs to the shot that has it, disabled or not, or to the transition. Frames that a clip plays together
    with the frames of a shot beside them become that shot's; the others are a new shot's.

    Args:
        shots: of one footage.
        transitions: of that footage.
        spans: what is played of that footage.

    Returns:
        The shots that are not disabled, some of them longer, in the order given; and the ranges of new shots.
    """
    active, taken = [shot for shot in shots if shot.status != "omit"], set[int]()
    for shot in shots:
        taken |= set(range(shot.start, shot.end))
    for transition in whole(transitions, active):
        taken |= set(range(transition.start, transition.end))
    new: list[Span] = []
    for span in spans:
        for gap in _gaps(span, taken):
            taken |= set(range(gap.start, gap.end))
            grown = next((i for i, shot in enumerate(active) if _continues(shot, gap, span)), None)
            if grown is None:
                new.append(gap)
            else:
                start, end = min(active[grown].start, gap.start), max(active[grown].end, gap.end)
                active[grown] = active[grown].changed(start=start, end=end)
    return active, sorted(new, key=lambda span: span.start)


def _gaps(span: Span, taken: set[int]) -> list[Span]:
    """Runs of frames of a span that are not taken."""
    return joined(Span(span.footage, i, i + 1) for i in range(span.start, span.end) if i not in taken)


def _continues(shot: Shot, gap: Span, span: Span) -> bool:
    """Whether a gap lies beside a shot and the clip plays on from one into the other."""
    return (shot.end == gap.start and span.start < shot.end) or (shot.start == gap.end and span.end > shot.start)
