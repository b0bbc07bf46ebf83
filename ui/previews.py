"""What a drawing does to the first frame, at once: a draft that plays below the board."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

import streamlit as st

from ui import room
from ui.components import Side, player
from ui.rendering import has_quality
from ui.work import watch
from v2v_studio.choices import choices, models
from v2v_studio.errors import StudioError
from v2v_studio.motion.base import MOTION
from v2v_studio.studio import Studio
from v2v_studio.tracks.table import TRACKS

PREVIEW = "-preview"  # how tracks end that show drawn motion at once


def preview(studio: Studio, shot: str) -> None:
    """A track to see the drawing by, the button for it, and what it made of the drawing as it is saved."""
    tracks = previews(studio, shot)
    key = f"track-{shot}-{next(iter(tracks))}"  # where another fits better, that one is chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        track = st.selectbox("Preview", list(tracks), key=key, help="Takes that need seconds", width=260)
        options = {"quality": "draft"} if has_quality(track) else {}
        if st.button("Render it", key=f"preview-{shot}", help=tracks[track]):
            with room.guard():
                rows = studio.enqueue(studio.plan([shot], track, options))
                skipped = [row["reason"] for row in rows if row["what"] == "skipped"]
                st.rerun() if not skipped else room.problem(skipped[0])
        if st.button("Look at it on the page Takes", key=f"takes-{shot}"):
            room.go("takes", shot)
    watch("render", shot)
    with suppress(StudioError):  # it is said when the button is pressed
        (plan,) = studio.plan([shot], track, options)
        if plan.what == "reuse" and plan.take:
            with st.container(width=640):
                film(studio, studio.store.take(shot, plan.take))


def film(studio: Studio, take: Any) -> None:
    """A take alone in the player, to be looked at and no more."""
    begin, end = take.recipe["shot"]
    player(
        Side(room.url(studio.store.take_folder(take.shot, take.id) / "preview.mp4"), f"{take.id}, as drawn"),
        None,
        key=f"film-{take.shot}",
        rate=Fraction(studio.store.footage(studio.store.shot(take.shot).footage).rate),
        frames=end - begin,
        size=take.size,
        number=take.number(begin),
        timecode=begin,
        decisions=(),
    )


def previews(studio: Studio, shot: str) -> dict[str, str]:
    """Track -> what it is for: first what needs no weights, and of that what follows something that is drawn."""
    canvas = studio.control(shot)

    def last(track: str) -> tuple[bool, bool]:
        by_weights = any("weights" in part.model_fields for part in models("track", track))
        drawn = any(getattr(canvas, kind) for kind in MOTION.load(TRACKS[track].motion).drawn)
        return by_weights, not drawn

    about = {row["name"]: row["what"] for row in choices("track") if row["name"].endswith(PREVIEW)}
    return {track: about[track] for track in sorted(about, key=last)}
