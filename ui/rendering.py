"""A render asked for in a form: planned first, so that its reason and its cost are seen, and queued when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from ui import room
from ui.forms import params_form
from ui.words import span
from v2v_studio.choices import choices, models
from v2v_studio.studio.render import Plan
from v2v_studio.studio.request import AS_IT_STANDS, Ask

AS_IT_IS = "the project"
OWN = ("quality", "seed")  # options that have a place of their own in the form
ENDS = ("First frame", "Last frame")  # of a range, both of it


def new_take(shot: str, takes: list[str]) -> None:
    """The form for a whole take, which starts from the project's options or from those of another take."""
    left, right = st.columns(2)
    start = left.selectbox("Options of", [AS_IT_IS, *takes], key=start_key(shot))
    told = told_of(shot, start)
    tracks = {row["name"]: row["what"] for row in choices("track")}
    key = f"render-{shot}-{start}"
    track = right.selectbox("Track", list(tracks), list(tracks).index(told["track"]), key=f"{key}-track")
    st.caption(room.plain(tracks[track]))
    given = told["options"] if track == told["track"] else {}
    options = params_form(models("track", track), f"{key}-{track}", given, OWN)
    firsts = first_frames(shot, told["ask"], key)
    left, right = st.columns(2, vertical_alignment="bottom")
    seed = int(left.number_input("Seed", 0, value=told["seed"], key=f"{key}-seed"))
    with right:
        options |= quality(track, given, key)
    ask = replace(told["ask"], first_frames=firsts)
    propose(shot, key, lambda again: {"track": track, "options": options, "seed": seed, "again": again, "ask": ask})


def retake(shot: str, take: Any) -> None:
    """The form for a range of a take: its other frames stay as they are, byte for byte."""
    key, (begin, end) = f"retake-{shot}-{take.id}", take.of_shot
    low, high = take.number(begin), take.number(end - 1)
    st.caption(f"A range of {take.id} is made anew; its other frames stay as they are, byte for byte.")
    for side, label, value in zip(st.columns(2), ENDS, (low, high), strict=True):
        name = f"{key}-{label}"
        side.number_input(label, low, high, value, key=name)
        side.button("The frame shown", on_click=here, args=(shot, name, low, high), key=f"{name}-here", width="stretch")
    first, last = (int(st.session_state[f"{key}-{label}"]) for label in ENDS)
    told = told_of(shot, take.id)
    firsts = first_frames(shot, told["ask"], key)
    options = told["options"] | quality(told["track"], told["options"], key)

    def wanted(again: bool) -> dict[str, Any]:
        asked = room.studio().ask([shot], firsts, take.id, f"{first}:{last + 1}")
        ask = replace(asked, mask=told["ask"].mask)
        return {"track": told["track"], "options": options, "seed": told["seed"], "again": again, "ask": ask}

    propose(shot, key, wanted)


def here(shot: str, name: str, low: int, high: int) -> None:
    """Set a side of the range to the frame that the player shows."""
    st.session_state[name] = min(max(st.session_state.get(f"at-{shot}", low), low), high)


def start_key(shot: str) -> str:
    """Of the widget that says whose options the form starts from."""
    return f"start-{shot}"


def told_of(shot: str, start: str) -> dict[str, Any]:
    """Track, options, seed and ask of a take, or of the project."""
    if start != AS_IT_IS:
        return room.studio().asked(f"{shot}/{start}")
    own = room.studio().store.project().defaults
    return {"track": own.track, "options": own.params, "seed": own.seed, "ask": AS_IT_STANDS}


def quality(track: str, given: Mapping[str, Any], key: str) -> dict[str, str]:
    """Draft or final, where a track has both."""
    if not has_quality(track):
        return {}
    draft = st.toggle("Draft", given.get("quality") == "draft", key=f"{key}-draft", help="In seconds, and less fine.")
    return {"quality": "draft" if draft else "final"}


def has_quality(track: str) -> bool:
    return any("quality" in model.model_fields for model in models("track", track))


def first_frames(shot: str, ask: Ask, key: str) -> tuple[str, ...]:
    """Those to carry; at first those that were asked for, or are picked for the shot."""
    store = room.studio().store
    one, known = store.shot(shot), [first.id for first in store.first_frames(shot)]
    usual = ask.first_frames or tuple(filter(None, (one.first_frame, *one.further)))
    there = [name for name in usual if name in known]
    return tuple(st.multiselect("First frames", known, there, key=f"{key}-firsts"))


def propose(shot: str, key: str, wanted: Callable[[bool], Mapping[str, Any]]) -> None:
    """What a render would do, and why, and how long it takes; and the button for it."""
    with room.guard():
        again = bool(st.session_state.get(f"{key}-again"))
        (plan,) = room.studio().plan([shot], **wanted(again))
        st.markdown(room.plain(sentence(plan)))
        if again or plan.what == "reuse":
            st.toggle("Render it once more", key=f"{key}-again")
        if st.button("Render", type="primary", disabled=plan.what == "skip", key=f"{key}-go", width="stretch"):
            known = {take.id for take in room.studio().store.takes(shot)}
            (row,) = room.studio().enqueue([plan])
            st.session_state[f"known-{shot}"] = known - {row["take"]}
            st.rerun()


def sentence(plan: Plan) -> str:
    """A plan in words."""
    if plan.what in ("skip", "reuse"):
        return f"Nothing to render: {plan.reason}."
    why = f"a range of {plan.ask.parent} anew" if plan.what == "render" and plan.ask.span else plan.reason
    cost = f"{plan.frames} frames, about {span(plan.seconds)} of one core, {plan.megabytes:.0f} MB"
    return f"{why[0].upper()}{why[1:]}. {cost}."
