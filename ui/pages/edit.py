"""Edit: the takes in the film's order, which of them the film shows, and the film itself."""

from typing import Any

import streamlit as st

from ui import room
from ui.components import Card, grid
from ui.downloads import downloads
from ui.theme import STATUSES
from ui.work import watch
from v2v_studio.studio import Studio

FORMATS = {"mp4": "film, H.264", "prores": "film, ProRes", "otio": "OpenTimelineIO", "edl": "EDL", "fcpxml": "FCPXML"}


def main() -> None:
    studio = room.studio()
    st.title("Edit")
    rows = [row for row in studio.shot_rows() if row["status"] != "omit"]
    if not rows:
        room.nothing_yet("There is nothing to cut yet. Take footage in on the page Footage; then find its shots.")
    missing = [row["id"] for row in rows if row["take"] is None]
    if missing:
        st.warning(f"Without a take, so the film shows the source: {', '.join(missing)}", icon=":material/warning:")
    chosen = room.chosen(row["id"] for row in rows)
    picked = grid("The film", [card(studio, row) for row in rows], chosen, key="edit")
    if picked and picked != chosen:
        room.choose(picked)
        st.rerun()
    choose_take(studio, chosen, next(row["take"] for row in rows if row["id"] == chosen))
    st.subheader("Assemble")
    assemble(studio)
    watch("assemble")
    watch("reel")
    downloads(studio)


def card(studio: Studio, row: dict[str, Any]) -> Card:
    """A shot as the film shows it."""
    shown = f"{row['id']}/{row['take']}" if row["take"] else row["id"]
    status = studio.store.review(row["id"], row["take"]).status if row["take"] else "missing"
    colour = {"approved": STATUSES["approved"], "pending": STATUSES["wip"]}.get(status, STATUSES["retake"])
    lines = (row["timecode"], f"take {row['take']}" if row["take"] else "no take: the source")
    return Card(row["id"], row["id"], room.thumbnail(shown), lines, status, colour, dim=row["take"] is None)


def choose_take(studio: Studio, shot: str, now: str | None) -> None:
    """Another take for one shot than the one now: the film shows the one that is approved."""
    takes = {row["take"].partition("/")[2]: row for row in studio.take_rows(shot)}
    if not takes:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = f"Take of {shot}"
        names = list(takes)
        index = names.index(now) if now in names else None
        name = st.selectbox(
            label, names, index, lambda take: f"{take} · {takes[take]['status']}", key=f"take-{shot}", width=320
        )
        wanted = name is not None and takes[name]["status"] != "approved"
        if st.button("Approve, and show it", disabled=not wanted, key=f"approve-{shot}"):
            with room.guard():
                studio.review(f"{shot}/{name}", "approve")
                st.rerun()
        if st.button("Look at it", key=f"look-{shot}"):
            room.go("takes", shot)


def assemble(studio: Studio) -> None:
    with st.form("assemble", border=False):
        name, formats, handles = st.columns([2, 5, 2])
        told = {
            "name": name.text_input("Name", "cut01"),
            "formats": formats.multiselect("Formats", list(FORMATS), ["mp4", "otio"], format_func=FORMATS.get),
            "handles": handles.number_input("Handles, in frames", 0, 240, 0),
            "strict": st.toggle("Approved takes only", help="Refuse the film where a shot has none."),
        }
        with st.container(horizontal=True):
            film, reel = st.form_submit_button("Assemble", type="primary"), st.form_submit_button("Review reel")
    with room.guard():
        if film:
            studio.submit("assemble", **told)
            st.rerun()
        if reel:
            studio.submit("reel", name=told["name"], layout="side")
            st.rerun()


room.show(main)
