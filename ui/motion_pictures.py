"""A shot's motion as pictures: colour wheel, arrows and a grid, and how much of each frame its first frames show."""

from __future__ import annotations

import altair
import pandas
import streamlit as st

from ui import room
from ui.theme import ACCENT
from ui.work import watch
from v2v_studio.studio import Studio


def show_motion(studio: Studio, shot: str, number: int) -> None:
    """How the first frame has moved by a frame, made when it is asked for and kept."""
    watch("motion_picture", shot)
    picture = studio.motion_picture_file(shot, number)
    if picture.exists():
        st.image(picture, width="stretch")
    elif st.button(f"Show how it has moved by {number}", key=f"motion-{shot}"):
        with room.guard():
            studio.submit("motion_picture", shot=shot, number=number)
            st.rerun()
    visible(studio, shot)


def visible(studio: Studio, shot: str) -> None:
    """The share of every frame that the first frames show, as the shown take measured it."""
    take = studio.shown(studio.store.shot(shot))
    if take is None:
        st.caption("How much of each frame the first frame shows is known once there is a take; a draft will do.")
        return
    rows = studio.frame_rows(f"{shot}/{take.id}")
    shares = pandas.DataFrame({"frame": [row["frame"] for row in rows], "visible": [row["visible"] for row in rows]})
    scale = altair.Scale(domain=[0, 1])
    chart = altair.Chart(shares).mark_area(color=ACCENT, opacity=0.25, line={"color": ACCENT})
    x = altair.X("frame:Q", title="frame", scale=altair.Scale(zero=False), axis=altair.Axis(grid=False, tickMinStep=1))
    y = altair.Y("visible:Q", title="share that the first frames show", scale=scale, axis=altair.Axis(format="%"))
    st.altair_chart(chart.encode(x=x, y=y).properties(height=160), width="stretch")
