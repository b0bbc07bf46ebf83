"""Shots: what the film is cut into, and how far each is."""

from collections import Counter
from fractions import Fraction

import streamlit as st

from ui import room
from ui.components import Card, grid
from ui.theme import STATUSES
from v2v_studio.studio import Studio


def main() -> None:
    studio = room.studio()
    st.title("Shots")
    rows = studio.shot_rows()
    if not rows:
        room.nothing_yet("No shots yet. Take footage in on the page Footage; then find its shots.")
    chosen = room.chosen(row["id"] for row in rows)
    shown = filtered(rows)
    picked = grid("Shots", [card(studio, row) for row in shown], chosen, key="shots")
    if picked != chosen:
        room.choose(picked)
        st.rerun()


def filtered(rows: list[dict]) -> list[dict]:
    """The rows with a status that is asked for, all where none is."""
    counts = Counter(row["status"] for row in rows)
    known = [status for status in STATUSES if counts[status]]
    wanted = st.pills(
        "Status",
        known,
        selection_mode="multi",
        format_func=lambda status: f"{status} {counts[status]}",
        label_visibility="collapsed",
        key="status",
    )
    return [row for row in rows if not wanted or row["status"] in wanted]


def card(studio: Studio, row: dict) -> Card:
    rate = Fraction(studio.store.footage(row["footage"]).rate)
    take = f"take {row['take']}" if row["take"] else "no take yet"
    return Card(
        id=row["id"],
        title=row["id"],
        url=room.url(studio.thumbnail(row["id"])),
        lines=(f"{float(row['frames'] / rate):.2f} s, {row['frames']} frames", f"{row['timecode']} · {take}"),
        status=row["status"],
        colour=STATUSES[row["status"]],
        dim=row["status"] == "omit",
    )


room.show(main)
