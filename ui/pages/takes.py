"""Takes: compared, decided on, rendered anew."""

from typing import Any

import streamlit as st

from ui import room
from ui.comparison import SOURCE, beside, compare
from ui.rendering import new_take, retake, start_key
from ui.reviewing import COLOURS, follow, notes, reviews
from ui.work import watch
from v2v_studio.studio import Studio

PANELS = ("Notes", "Retake", "Render", "Recipe")


def main() -> None:
    studio = room.studio()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Takes", width=110)
        shot = room.shot()
        seen = reviews(shot)
        take, against = chosen(studio, shot, list(seen)) if seen else (None, "")
    follow(shot, seen)
    watch("render", shot)
    if take is None:
        st.info("No takes of this shot yet. Render the first one:", icon=":material/info:")
        with st.container(width=520):
            new_take(shot, [])
        return
    picture, panel = st.columns([7, 3], gap="medium")
    with picture:
        span, other = beside(take, against)
        compare(take, span, other, st.session_state.pop(f"go-{shot}", None))
    with panel:
        told(shot, take, list(seen))


def chosen(studio: Studio, shot: str, names: list[str]) -> tuple[Any, str]:
    """The take that is looked at, and what it is held against."""
    key, marks = f"take-{shot}", {row["take"].partition("/")[2]: row for row in studio.take_rows(shot)}
    come = set(names) - st.session_state.get(f"known-{shot}", set(names))
    if come:  # what was asked for here is there
        st.session_state[key] = max(come)
        del st.session_state[f"known-{shot}"]
    if st.session_state.get(key) not in names:
        shown = studio.shown(studio.store.shot(shot))
        st.session_state[key] = shown.id if shown else names[-1]
    name = st.selectbox(
        "Take", names[::-1], format_func=lambda one: f"{one} · {marks[one]['quality']}".rstrip(" ·"), key=key, width=180
    )
    others = ["", SOURCE, *(one for one in names[::-1] if one != name)]
    against = st.selectbox("Against", others, 1, lambda one: one or "nothing", key=f"against-{shot}-{name}", width=180)
    status = marks[name]["status"]
    st.badge(status, color=COLOURS[status])
    return studio.store.take(shot, name), against


def told(shot: str, take: Any, names: list[str]) -> None:
    """What is said of the take, how it was made, and the forms for another."""
    key = f"panel-{shot}"
    st.session_state.setdefault(key, PANELS[0])
    panel = st.segmented_control(
        "About the take", PANELS, key=key, required=True, label_visibility="collapsed", width="stretch"
    )
    if panel == "Retake":
        retake(shot, take)
    elif panel == "Render":
        new_take(shot, names[::-1])
    elif panel == "Recipe":
        recipe(shot, take)
    else:
        notes(take)


def recipe(shot: str, take: Any) -> None:
    """How the take was made, as a command to copy and as a start for another."""
    name = f"{shot}/{take.id}"
    asked = room.studio().asked(name)
    facts = {"first frames": " ".join(asked["ask"].first_frames), "track": asked["track"], **asked["options"]}
    facts |= {"seed": asked["seed"], "size": "x".join(map(str, take.size)), "made": take.created[:16].replace("T", " ")}
    st.table({room.plain(key): room.plain(str(value)) for key, value in facts.items()}, border="horizontal")
    st.code(room.studio().command(name), language=None, wrap_lines=True)
    st.button("Change it and render", on_click=start_from, args=(shot, take.id), icon=":material/tune:")
    with st.expander("All of the recipe"):
        st.json(take.recipe, expanded=1)


def start_from(shot: str, take: str) -> None:
    st.session_state[start_key(shot)], st.session_state[f"panel-{shot}"] = take, "Render"


room.show(main)
