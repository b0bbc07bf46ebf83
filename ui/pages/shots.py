"""Shots: what the film is cut into, how far each is, and the cuts corrected."""

from collections import Counter
from fractions import Fraction
from typing import Any

import streamlit as st

from ui import room
from ui.components import Card, grid
from ui.cuts import find_again, scores
from ui.theme import STATUSES
from ui.work import watch
from v2v_studio.studio import Studio


def main() -> None:
    studio = room.studio()
    st.title("Shots")
    watch("cut")
    rows = studio.shot_rows()
    if not rows:
        room.nothing_yet("No shots yet. Take footage in on the page Footage; then find its shots.")
    chosen = room.chosen(row["id"] for row in rows)
    left, right = st.columns([3, 2], gap="large")
    with left:
        shown = filtered(rows)
        rates = {row["id"]: Fraction(row["rate"]) for row in studio.footage_rows()}
        with st.container(height=640, border=False):
            picked = grid("Shots", [card(row, rates[row["footage"]]) for row in shown], chosen, key="shots")
    if picked and picked != chosen:
        room.choose(picked)
        st.rerun()
    with right:
        shot(studio, next(row for row in rows if row["id"] == chosen), rows)
    footage = next(row["footage"] for row in rows if row["id"] == chosen)
    with st.expander(f"Why {footage} is cut so, and cut anew"):
        scores(studio, footage)
        find_again(studio, footage)


def filtered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with a status that is asked for, all where none is."""
    counts = Counter(row["status"] for row in rows)
    known = [status for status in STATUSES if counts[status]]
    wanted = st.pills("Status", known, selection_mode="multi", format_func=lambda status: f"{status} {counts[status]}",
                      label_visibility="collapsed", key="status")  # fmt: skip
    return [row for row in rows if not wanted or row["status"] in wanted]


def card(row: dict[str, Any], rate: Fraction) -> Card:
    take = f"take {row['take']}" if row["take"] else "no take yet"
    lines = (f"{float(row['frames'] / rate):.2f} s, {row['frames']} frames", f"{row['timecode']} · {take}")
    status, url = row["status"], room.thumbnail(row["id"], row["usable"])
    return Card(row["id"], row["id"], url, lines, status, STATUSES[status], dim=status == "omit")


def shot(studio: Studio, row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """One shot: a frame of it, and what can be done there."""
    name, last = row["id"], 1000 + row["frames"]
    st.subheader(name)
    number = st.slider("Frame", 1001, last, min(max(1001, 1001 + (row["usable"] or row["start"]) - row["start"]), last),
                       key=f"frame-{name}") if last > 1001 else 1001  # fmt: skip
    st.image(studio.thumbnail(name, number, height=480), width="stretch")
    with st.container(horizontal=True):
        act("Split here", f"{number} becomes the first frame of a new shot", studio.split, name, number)
        act("Begin here", "What is before shows the source", studio.trim, name, number, last + 1)
        act("End here", "What is after shows the source", studio.trim, name, 1001, number + 1)
        if after := following(row, rows):
            act(f"Merge with {after}", f"{name} keeps its look, {after} is put aside", studio.merge, name, after)
    if row["note"]:
        st.text(row["note"])
    with st.container(horizontal=True):
        if row["status"] == "omit":
            act("Enable", "Bring it back", studio.enable, name)
        else:
            act("Disable", "Leave it as it is in the source", studio.disable, name)
        for label, page in (("First frames", "first_frames"), ("Takes", "takes")):
            if st.button(label, key=f"{page}-{name}", icon=":material/arrow_forward:"):
                room.go(page, name)


def following(row: dict[str, Any], rows: list[dict[str, Any]]) -> str | None:
    """The shot that begins where this one ends."""
    touching = (one for one in rows if one["footage"] == row["footage"] and one["start"] == row["end"])
    return next((one["id"] for one in touching if one["status"] != "omit"), None)


def act(label: str, what: str, verb: Any, *told: Any) -> None:
    """A button that does something to the shot."""
    if st.button(label, help=what, key=f"{verb.__name__}-{told[0]}-{label}"):
        with room.guard():
            verb(*told)
            st.rerun()


room.show(main)
