"""A page of nothing but the components, with what they report as text below: what the browser tests drive."""

import json
from dataclasses import asdict

import streamlit as st

from tests.ui.counted import FRAMES, RATE, SIZE
from ui import room
from ui.components import Curve, KeyedBox, Pin, Side, draw, player

st.set_page_config(layout="wide")
exports = room.studio().store.folder / "exports"
asked = st.query_params

if asked.get("show") == "player":
    seen = player(
        Side(room.url(exports / "a.mp4"), "A <b>take</b>"),
        Side(room.url(exports / "b.mp4"), "B", start=2),
        key="player",
        rate=RATE,
        frames=FRAMES - 2,
        size=SIZE,
        curves=[
            Curve("temporal error", [abs((t % 12) - 6) for t in range(FRAMES - 2)], 0, 6),
            Curve("visible share", [None if 10 < t < 14 else 1 - t / 60 for t in range(FRAMES - 2)], 0, 1),
        ],
        flags=[6, 7, 30],
        notes=[Pin(20, "the <b>hand</b> smears", (80.0, 45.0, 160.0, 90.0)), Pin(21, "no box")],
    )
    state = st.session_state.setdefault("events", [])
    if seen.event:
        state.append(asdict(seen.event))
    st.text(json.dumps({"frame": seen.frame, "events": state}))
else:
    frame = int(asked.get("frame", 0))
    with st.container(width=int(asked.get("width", 600))):
        drawn = draw(
            room.url(exports / "still.png"),
            key="draw",
            size=SIZE,
            frame=frame,
            number=1001 + frame,
            drags=[((20.0, 20.0), (60.0, 20.0))],
            boxes=[KeyedBox(1, "a red fox", 0, (10.0, 100.0, 40.0, 30.0))],
            version="first",
        )
    if drawn:
        painted = None
        if drawn.brush:
            (exports / "brush.png").write_bytes(drawn.brush)
            painted = len(drawn.brush)
        boxes = [asdict(box) for box in drawn.boxes]
        st.text(json.dumps({"drags": drawn.drags, "boxes": boxes, "brush": painted}))
