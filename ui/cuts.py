"""Why a footage is cut where it is, as a strip of the detector's scores, and cutting it anew."""

from __future__ import annotations

import altair
import pandas
import streamlit as st

from ui import room
from ui.forms import params_form
from ui.theme import ACCENT, STATUSES
from ui.words import counted
from v2v_studio.choices import choices, models
from v2v_studio.studio import Studio

MOST = 2000  # points of the curve: of a longer footage the highest in each stretch


def scores(studio: Studio, footage: str) -> None:
    """The curve of the detector's scores, what they were held against, and the cuts."""
    curve = studio.score_curve(footage)
    step = -(-len(curve["scores"]) // MOST)
    peaks = [max(curve["scores"][at : at + step]) for at in range(0, len(curve["scores"]), step)]
    frame = altair.X("frame:Q", title="frame of the footage", axis=altair.Axis(grid=False, tickMinStep=1))
    line = pandas.DataFrame({"frame": range(0, step * len(peaks), step), "score": peaks})
    layers = [
        altair.Chart(pandas.DataFrame({"frame": curve["cuts"]})).mark_rule(color=STATUSES["retake"]).encode(x=frame),
        altair.Chart(line).mark_line(color=ACCENT, strokeWidth=1.2).encode(x=frame, y=altair.Y("score:Q", title=None)),
    ]
    if curve["threshold"] is not None:
        held = pandas.DataFrame({"score": [curve["threshold"]]})
        layers.append(altair.Chart(held).mark_rule(strokeDash=[4, 4], color=STATUSES["todo"]).encode(y="score:Q"))
    st.altair_chart(altair.layer(*layers).properties(height=150), width="stretch")
    threshold = "" if curve["threshold"] is None else f", held against {curve['threshold']:g} (dashed)"
    cuts = counted(len(curve["cuts"]), "cut", "cuts")
    st.caption(room.plain(f"Scores of the detector {curve['detector']}{threshold}; {cuts} (red)."))


def find_again(studio: Studio, footage: str) -> None:
    """Another detector, or other options. What is found again keeps its looks and takes."""
    names = [row["name"] for row in choices("detector")]
    now = studio.score_curve(footage)["detector"]
    detector = st.selectbox("Detector", names, names.index(now) if now in names else 0, key=f"detector-{footage}")
    options = params_form(models("detector", detector), key=f"cut-{footage}-{detector}")
    if st.button("Find shots again", help="A shot whose range is found again keeps everything", key=f"cut-{footage}"):
        with room.guard():
            studio.submit("cut", footage=footage, detector=detector, options=options, again=True)
            st.rerun()
