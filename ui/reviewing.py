"""What is thought of a shot's takes: the notes as text, and what others decide while the page is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui import room
from ui.work import LOOK_EVERY

COLOURS = {"pending": "gray", "approved": "green", "rejected": "red"}


def reviews(shot: str) -> dict[str, Any]:
    """take -> its review, the oldest first."""
    store = room.studio().store
    return {take.id: store.review(shot, take.id) for take in store.takes(shot)}


@st.fragment(run_every=LOOK_EVERY)
def follow(shot: str, seen: Mapping[str, Any]) -> None:
    """Run the page anew once the shot's takes, or what is thought of them, are others than it has seen."""
    with room.guard():
        if reviews(shot) != seen:
            st.rerun()


def notes(take: Any) -> None:
    """Every note, the newest first, each with the way to its frame."""
    said = room.studio().store.review(take.shot, take.id).notes
    if not said:
        st.caption("No notes yet. Press N on the frame that should change.")
    for index, note in reversed(list(enumerate(said))):
        with st.container(border=True, key=f"note-{take.shot}-{take.id}-{index}"):
            st.markdown(room.plain(note.text))
            with st.container(horizontal=True, vertical_alignment="center"):
                if note.frame is not None:
                    number = take.number(note.frame)
                    told = {"on_click": go_to, "args": (take.shot, note.frame), "key": f"{take.id}-note-{index}"}
                    st.button(f"Frame {number}", **told, help=f"go to frame {number}", icon=":material/my_location:")
                box = f" · box {note.box[0]:g}, {note.box[1]:g}, {note.box[2]:g} x {note.box[3]:g}" if note.box else ""
                st.caption(room.plain(note.created[:16].replace("T", " ") + box))


def go_to(shot: str, frame: int) -> None:
    st.session_state[f"go-{shot}"] = frame
