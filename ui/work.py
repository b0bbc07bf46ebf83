"""Jobs as pages show them: a row each, with what can be done about it, kept up to date while they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui import room
from ui.words import span

OPEN = ("running", "queued", "paused")
COLOURS = {
    "running": "blue",
    "queued": "gray",
    "paused": "orange",
    "done": "green",
    "failed": "red",
    "cancelled": "gray",
}
VERBS = {  # of a job in a state: the button and its icon
    "running": {"pause": ":material/pause:", "cancel": ":material/close:"},
    "queued": {"pause": ":material/pause:", "cancel": ":material/close:"},
    "paused": {"resume": ":material/play_arrow:", "cancel": ":material/close:"},
    "failed": {"retry": ":material/replay:"},
    "cancelled": {"retry": ":material/replay:"},
}
LOOK_EVERY = 1  # seconds


def watch(kind: str, shot: str = "") -> bool:
    """The open jobs of a kind, of one shot or of all, while they last; when one has ended the page runs anew.

    One that failed stays until it is retried or another one of the kind is done.

    Returns:
        Whether there is any to show.
    """
    there = bool(_of(kind, shot))
    if there:
        _watched(kind, shot)
    return there


@st.fragment(run_every=LOOK_EVERY)
def _watched(kind: str, shot: str) -> None:
    with room.guard():
        rows, seen = _of(kind, shot), f"open {kind} {shot}"
        for row in rows:
            job(row)
        still = {row["job"] for row in rows if row["state"] in OPEN}
        before = st.session_state.get(seen, set())
        st.session_state[seen] = still
        if before - still:
            st.rerun()


def _of(kind: str, shot: str) -> list[dict[str, Any]]:
    """The open jobs, and the last one where it failed."""
    rows = [row for row in room.studio().job_rows() if row["kind"] == kind and (not shot or row["shot"] == shot)]
    return [row for row in rows if row["state"] in OPEN or (row is rows[-1] and row["state"] == "failed")]


def job(row: Mapping[str, Any]) -> None:
    """One job: its state, how far it is, what can be done, and its log."""
    name, state = row["job"], row["state"]
    with st.container(border=True, key=f"job-{name}"):
        what, far, verbs = st.columns([3, 5, 5], vertical_alignment="center")
        with what.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(state, color=COLOURS[state])  # type: ignore[arg-type]
            on = f" on {row['where']}" if row["where"] not in ("", "here") else ""
            st.text(f"{row['kind']} {row['shot']}".rstrip() + on)
        with far:
            progress(row)
        with verbs.container(horizontal=True, horizontal_alignment="right", gap="small"):
            for verb, icon in VERBS.get(state, {}).items():
                if st.button(verb.capitalize(), key=f"{verb}-{name}", icon=icon, help=f"{verb} {name}"):
                    _act(verb, name)
            if state == "queued" and st.button("First", key=f"first-{name}", help=f"carry out {name} before others"):
                _act("prioritize", name, 1 + max(one["priority"] for one in room.studio().job_rows()))
            with st.popover("Log", help=f"what {name} said"):
                st.code("\n".join(room.studio().job_log(name)) or "nothing yet", language=None, wrap_lines=True)


def progress(row: Mapping[str, Any]) -> None:
    """How far a job is, or what became of it."""
    if row["state"] == "queued" and not row["done"]:
        st.text("waiting")
    elif row["state"] in OPEN and row["total"]:
        left = f", about {span(row['left'])} left" if row["left"] is not None else ""
        st.progress(min(1.0, row["done"] / row["total"]), f"{row['done']} of {row['total']}{left}")
    elif row["state"] in OPEN:
        st.text("at work" if row["state"] == "running" else "held")
    else:
        st.text(" · ".join(filter(None, (row["message"], span(row["seconds"]) if row["seconds"] else ""))))


def _act(verb: str, *told: Any) -> None:
    with room.guard():
        getattr(room.studio(), verb)(*told)
        st.rerun()
