"""The edit of one footage as a list of segments that tile it exactly: frames out == frames in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from v2v_studio.project.records import Shot, Take
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.extent import transition_into, transition_out_of, whole


@dataclass(frozen=True)
class Segment:
    """Footage frames [start, end) and what they show.

    Attributes:
        start, end: half-open, in footage frames.
        outgoing: the take shown, or going away in a dissolve; None for the source.
        incoming: the take that comes up in a dissolve; None for the source.
        transition: the dissolve or fade that is remade here; None inside a shot.
    """

    start: int
    end: int
    outgoing: Take | None = None
    incoming: Take | None = None
    transition: Transition | None = None


def edit_of(
    frames: int, shots: Sequence[Shot], transitions: Sequence[Transition], shown: Mapping[str, Take | None]
) -> list[Segment]:
    """Tile [0, frames) with segments.

    Args:
        frames: the footage's length.
        shots: its shots, in order; they do not overlap.
        transitions: its dissolves and fades; one that a shot reaches into is not remade.
        shown: shot id -> the take to show, or None for the source.
    """
    pieces = [
        Segment(shot.start, shot.end, shown[shot.id]) for shot in shots if shown.get(shot.id) and shot.start < shot.end
    ]
    for transition in whole(transitions, shots):
        before = next((s for s in shots if transition_out_of(s, [transition])), None)
        after = next((s for s in shots if transition_into(s, [transition])), None)
        going, coming = (_covering(shown.get(s.id) if s else None, transition) for s in (before, after))
        if transition.kind == "dissolve" and (going or coming):
            pieces.append(Segment(transition.start, transition.end, going, coming, transition))
        elif transition.kind != "dissolve" and (look := coming or going):
            pieces.append(Segment(transition.start, transition.end, look, None, transition))
    return _filled(frames, sorted(pieces, key=lambda piece: piece.start))


def _covering(take: Take | None, transition: Transition) -> Take | None:
    return take if take and take.first <= transition.start and transition.end <= take.last else None


def _filled(frames: int, pieces: list[Segment]) -> list[Segment]:
    """The pieces, with the source in the gaps between them."""
    filled, at = [], 0
    for piece in pieces:
        if at < piece.start:
            filled.append(Segment(at, piece.start))
        filled.append(piece)
        at = piece.end
    if at < frames:
        filled.append(Segment(at, frames))
    return filled
