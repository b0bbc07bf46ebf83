"""A take in the player, against another or against its source: what both have of the shot, frame by frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import streamlit as st

from ui import room
from ui.components import Curve, Event, Pin, Side, player
from ui.work import watch

MEASURES = {"temporal": "temporal error", "drift": "colour drift", "visible": "visible share"}
SOURCE = "source"


@st.fragment
def compare(take: Any, span: tuple[int, int], other: Side | None, frame: int | None) -> None:
    """The player; what is decided in it is kept.

    Args:
        take: the one that is looked at and decided on.
        span: [first, last) in footage frames that are shown.
        other: what it is held against, if anything.
        frame: footage frame to go to.
    """
    with room.guard():
        studio, name, first = room.studio(), f"{take.shot}/{take.id}", take.number(span[0])
        rows = {row["frame"]: row for row in studio.frame_rows(name)}
        shown = [rows[take.number(at)] for at in range(*span)]
        notes = studio.store.review(take.shot, take.id).notes
        seen = player(
            Side(preview(take), take.id, span[0] - take.of_shot[0]),
            other,
            key=f"player-{take.shot}",
            rate=Fraction(studio.store.footage(studio.store.shot(take.shot).footage).rate),
            frames=len(shown),
            size=take.size,
            number=first,
            timecode=span[0],
            frame=None if frame is None else frame - span[0],
            curves=[curve(label, [row[key] for row in shown]) for key, label in MEASURES.items()],
            flags=[at for at, row in enumerate(shown) if row["flagged"]],
            notes=[Pin(note.frame - span[0], note.text, note.box) for note in notes if note.frame in range(*span)],
        )
        st.session_state[f"at-{take.shot}"] = first + seen.frame
        if seen.event:
            decide(name, seen.event, first)


def decide(name: str, event: Event, first: int) -> None:
    """Keep what was decided in the player, whose first frame has that number."""
    number = first + event.frame if event.kind == "note" else None
    room.studio().review(name, event.kind, event.text, number, event.box)
    st.rerun()


def beside(take: Any, against: str) -> tuple[tuple[int, int], Side | None]:
    """[first, last) in footage frames of what both have, and the other side, where there is one to show."""
    begin, end = take.of_shot
    if against in ("", SOURCE):
        url = source(take) if against else None
        return (begin, end), Side(url, SOURCE) if url else None
    other = room.studio().store.take(take.shot, against)
    start, stop = other.of_shot
    first, last = max(begin, start), min(end, stop)
    if first >= last:
        st.caption(f"{take.id} and {against} have no frame in common.")
        return (begin, end), None
    return (first, last), Side(preview(other), against, first - start)


def preview(take: Any) -> str:
    return room.url(room.studio().store.take_folder(take.shot, take.id) / "preview.mp4")


def source(take: Any) -> str | None:
    """The footage as a video beside the take; None while it is in the making, which is begun once a session."""
    with room.guard():
        studio = room.studio()
        file = studio.proxy_file(take.shot, take.id)
        if file.exists():
            return room.url(file)
        begun = st.session_state.setdefault("proxies", set())
        again = not watch("proxy", take.shot) and file.name in begun and st.button("Make the source's video")
        if file.name not in begun or again:
            begun.add(file.name)
            studio.submit("proxy", shot=take.shot, take=take.id)
            st.rerun()
    return None


def curve(label: str, values: list[float | None]) -> Curve:
    """A row of the strip from 0 to the largest value; of a share, to 1."""
    known = [value for value in values if value is not None]
    high = 1.0 if "share" in label else max(known, default=0.0)
    return Curve(f"{label}, 0 to {high:.2g}", values, 0.0, high)
