"""Which frames a shot's take covers: the shot, and the transitions on either side of it."""

from __future__ import annotations

from collections.abc import Iterable

from v2v_studio.project.records import Footage, Shot
from v2v_studio.shots.base import Transition


def footage_transitions(footage: Footage) -> list[Transition]:
    """The dissolves and fades of a footage's record, as values."""
    if footage.cut is None:
        return []
    return [Transition(t.kind, t.start, t.end, tuple(t.curve), t.ground) for t in footage.cut.transitions]


def whole(transitions: Iterable[Transition], shots: Iterable[Shot]) -> list[Transition]:
    """The transitions that no shot reaches into: after a trim by hand, the shot's own frames go first."""
    shots = list(shots)
    return [t for t in transitions if not any(shot.start < t.end and t.start < shot.end for shot in shots)]


def transition_into(shot: Shot, transitions: Iterable[Transition]) -> Transition | None:
    """The dissolve or fade that ends where the shot begins."""
    return next((t for t in transitions if t.end == shot.start and t.kind != "fade-out"), None)


def transition_out_of(shot: Shot, transitions: Iterable[Transition]) -> Transition | None:
    """The dissolve or fade that begins where the shot ends."""
    return next((t for t in transitions if t.start == shot.end and t.kind != "fade-in"), None)


def extent(shot: Shot, transitions: Iterable[Transition]) -> tuple[int, int]:
    """[first, last) of footage frames that a take of the shot renders, so that its transitions can be remade."""
    transitions = list(transitions)
    into, out = transition_into(shot, transitions), transition_out_of(shot, transitions)
    return into.start if into else shot.start, out.end if out else shot.end
