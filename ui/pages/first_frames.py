"""First frames: what a shot is carried from, made, compared and chosen."""

from typing import Any

import streamlit as st

from ui import room
from ui.components import Card, grid
from ui.looks import apply_to_all, make, paint
from ui.theme import STATUSES
from ui.work import watch
from v2v_studio.studio import Studio

COUNT = 3  # frames suggested


def main() -> None:
    studio = room.studio()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("First frames", width="content")
        shot = room.shot()
    watch("stylize")
    rows = studio.first_frame_rows(shot)
    if rows:
        choose(studio, shot, rows)
    else:
        st.info("No first frame yet. Paint one, or make one below.", icon=":material/info:")
    drawn, painted = st.tabs(["Make", "Paint"])
    with drawn:
        make(studio, shot)
    with painted:
        paint(studio, shot)
    suggest(studio, shot)


def choose(studio: Studio, shot: str, rows: list[dict[str, Any]]) -> None:
    """Candidates side by side, the one looked at beside its footage, and which of them are carried."""
    one = studio.store.shot(shot)
    carried = [one.first_frame, *one.further] if one.first_frame else []
    usual = carried[0] if carried else rows[-1]["id"]
    looked = grid("First frames", [card(shot, row) for row in rows], usual, key=f"firsts-{shot}") or usual
    row = next(row for row in rows if row["id"] == looked)
    beside = [name for name in carried if name != looked]
    with st.container(horizontal=True):
        button("Use this one", [looked], carried != [looked], studio, shot)
        button("Use beside the others", [*carried, looked], bool(carried) and looked not in carried, studio, shot)
        button("Do not use", beside, bool(beside) and looked in carried, studio, shot)
        apply_to_all(studio, f"{shot}/{looked}")
        picture = studio.store.first_frame_image(studio.store.first_frame(shot, looked))
        st.link_button(f"Download {looked}", room.url(picture, f"{shot}_{looked}.png"), icon=":material/download:")
    before, after = st.columns(2)
    before.image(studio.thumbnail(shot, row["number"], height=480), width="stretch")
    before.caption(f"Footage, frame {row['number']}")
    after.image(studio.thumbnail(f"{shot}/{looked}", height=480), width="stretch")
    after.caption(room.plain(f"{looked}: {row['translator']} {row['options']}, seed {row['seed']}"))


def card(shot: str, row: dict[str, Any]) -> Card:
    status = "carried" if row["carried"] else "candidate"
    colour = STATUSES["approved"] if row["carried"] else STATUSES["todo"]
    url = room.thumbnail(f"{shot}/{row['id']}")
    return Card(row["id"], row["id"], url, (f"frame {row['number']}", row["translator"]), status, colour)


def button(label: str, names: list[str], possible: bool, studio: Studio, shot: str) -> None:
    """Carry the shot from these."""
    if st.button(label, disabled=not possible, key=f"{label}-{shot}"):
        with room.guard():
            studio.pick(shot, names)
            st.rerun()


def suggest(studio: Studio, shot: str) -> None:
    """Where one more painted frame would show most of what is unseen."""
    st.subheader("One more painted frame")
    watch("suggest", shot)
    found = studio.suggested(shot, COUNT)
    if found is None:
        seconds = studio.suggest_seconds(shot, COUNT)
        if st.button("Where would it help most?", help=f"about {seconds:.0f} s of one core", key=f"suggest-{shot}"):
            with room.guard():
                studio.submit("suggest", shot=shot, count=COUNT)
                st.rerun()
        return
    suggestions, picture = found
    for one in suggestions:
        st.text(f"One more painted frame at {one.frame} would cover {one.covers:.1%} of what is unseen.")
    if not suggestions:
        st.text("No further frame shows anything that the first frames do not.")
    st.image(picture, width="stretch")


room.show(main)
