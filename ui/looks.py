"""A look for a shot: made by a translator, painted by hand, or taken over from another shot."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import room
from ui.components import upload
from ui.forms import params_form
from v2v_studio.choices import choices, models
from v2v_studio.studio import Studio

PICTURES = ".png,.jpg,.jpeg,.tif,.tiff"
BY_HAND = "painted"


def make(studio: Studio, shot: str) -> None:
    """A translator and its options, as a form."""
    about = {row["name"]: row["what"] for row in choices("translator") if row["name"] != BY_HAND}
    defaults = studio.store.project().defaults
    index = list(about).index(defaults.translator) if defaults.translator in about else 0
    name = st.selectbox("Translator", list(about), index, key=f"translator-{shot}")
    st.caption(room.plain(about[name]))
    given = defaults.translator_params if name == defaults.translator else {}
    options = params_form(models("translator", name), key=f"look-{shot}-{name}", given=given)
    frame, seed, candidates = st.columns(3)
    told: dict[str, Any] = {
        "frame": place(studio, shot, frame, "make"),
        "seed": int(seed.number_input("Seed", 0, 2**31 - 1, defaults.seed, key=f"seed-{shot}")),
        "candidates": int(candidates.number_input("Candidates", 1, 8, 1, key=f"candidates-{shot}")),
    }
    if st.button("Make", type="primary", key=f"make-{shot}"):
        queue(studio, shots=[shot], translator=name, options=options, **told)


def paint(studio: Studio, shot: str) -> None:
    """A picture that somebody painted, for the frame it was painted on."""
    width, height = studio.size(studio.store.shot(shot))
    number = place(studio, shot, st, "paint")
    st.link_button("Download the frame to paint on", f"/frame/{shot}/{number}", icon=":material/download:")
    hint = f"{width}x{height}, or its aspect; where it is transparent the footage shows through."
    for file in upload("Drop the painted frame here", hint, PICTURES, key=f"paint-{shot}", kind="painted", many=False):
        if "error" in file:
            room.problem(f"{file['name']}: {file['error']}")
        else:
            queue(studio, shots=[shot], translator=BY_HAND, options={"file": file["path"]}, frame=number)


def apply_to_all(studio: Studio, like: str) -> None:
    """The look of a first frame for every other shot, in its own colours."""
    shot = like.partition("/")[0]
    others = [one.id for one in studio.shots() if one.id != shot and one.status != "omit"]
    if others and st.button("Apply this look to all shots", key=f"like-{like}"):
        queue(studio, shots=others, like=like)


def place(studio: Studio, shot: str, where: Any, key: str) -> int:
    """The number of the frame to paint on: the first usable one unless another is asked for."""
    one = studio.store.shot(shot)
    usual = one.number(one.usable if one.usable is not None else one.start)
    asked = where.number_input("Frame", 1001, one.number(one.end - 1), usual, key=f"frame-{key}-{shot}")
    return int(asked)


def queue(studio: Studio, **told: Any) -> None:
    with room.guard():
        studio.submit("stylize", **told)
        st.rerun()
