"""Motion and control: how a shot moves, and how it is told to move."""

from typing import Any

import streamlit as st

from ui import room
from ui.components import draw
from ui.drawn import boxes_of, keyed
from ui.motion_pictures import show_motion
from ui.previews import preview
from ui.words import counted
from v2v_studio.studio import Studio


def main() -> None:
    studio = room.studio()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Motion and control", width="content")
        shot = room.shot()
        one = studio.store.shot(shot)
        first, last = one.number(one.start), one.number(one.end - 1)
        number = st.slider("Frame", first, last, first, key=f"at-{shot}") if last > first else first
    control, moved = st.tabs(["Draw", "Motion"])
    with control:
        board(studio, shot, number)
        preview(studio, shot)
    with moved:
        show_motion(studio, shot, number)


def board(studio: Studio, shot: str, number: int) -> None:
    """The frame to draw on. What is drawn is kept in the footage's own pixels, however large it is shown."""
    one, canvas = studio.store.shot(shot), studio.control(shot)
    size = canvas.width, canvas.height
    drawn = draw(
        room.thumbnail(shot, one.start, number=number, height=size[1]),
        key=f"board-{shot}",
        size=size,
        frame=one.frame(number),
        number=number,
        drags=canvas.drags,
        boxes=keyed(canvas.boxes),
        brush=room.url(canvas.brush) if canvas.brush else None,
        version=canvas.version,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save", type="primary", disabled=drawn is None, key=f"save-{shot}") and drawn:
            with room.guard():
                boxes = boxes_of(drawn.boxes, canvas.boxes)
                studio.draw(shot, canvas.version, drags=drawn.drags, boxes=boxes, brush=drawn.brush)
                st.rerun()
        if st.button("Clear", disabled=not (canvas.drags or canvas.boxes or canvas.brush), key=f"clear-{shot}"):
            with room.guard():
                studio.draw(shot, canvas.version)
                st.rerun()
        boxes = boxes_of(drawn.boxes, canvas.boxes) if drawn else canvas.boxes
        st.text(f"{'not saved yet' if drawn else 'saved'}: {told(drawn or canvas, boxes)}")


def told(drawing: Any, boxes: list[Any]) -> str:
    """What is drawn, in words."""
    kept = [counted(len(drawing.drags), "drag", "drags"), counted(len(boxes), "box", "boxes")]
    return ", ".join([*kept, "a brush" if drawing.brush else "no brush"])


room.show(main)
