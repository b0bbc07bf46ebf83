"""What a user can choose by name, read from the registries and the `Params` behind them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from v2v_studio.errors import unknown
from v2v_studio.motion.base import MOTION
from v2v_studio.params import option_rows
from v2v_studio.renderers.base import RENDERERS
from v2v_studio.shots.base import DETECTORS
from v2v_studio.tracks.table import TRACKS
from v2v_studio.translators.base import TRANSLATORS

KINDS = ("translator", "track", "detector")


def choices(kind: str | None = None) -> list[dict[str, str]]:
    """Every name of a kind, or of all kinds, with a line on each."""
    if kind is not None and kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    found = {
        "translator": [(name, _summary(TRANSLATORS.load(name))) for name in TRANSLATORS.names()],
        "track": [(track.name, track.summary) for track in TRACKS.values()],
        "detector": [(name, _summary(DETECTORS.load(name))) for name in DETECTORS.names()],
    }
    return [
        {"kind": k, "name": name, "what": summary} for k in KINDS if kind in (None, k) for name, summary in found[k]
    ]


def fields(kind: str, name: str) -> list[dict[str, Any]]:
    """The options of one choice: name, type, default and description."""
    rows = [row for model in models(kind, name) for row in option_rows(model)]
    return list({row["option"]: row for row in rows}.values())


def models(kind: str, name: str) -> list[type[BaseModel]]:
    """The `Params` that one choice takes its options from: of a track, its motion's and its renderer's."""
    if kind == "track":
        if name not in TRACKS:
            raise unknown("track", name, TRACKS)
        parts = [MOTION.load(TRACKS[name].motion), RENDERERS.load(TRACKS[name].renderer)]
    elif kind in KINDS:
        parts = [(TRANSLATORS if kind == "translator" else DETECTORS).load(name)]
    else:
        raise unknown("kind", kind, KINDS)
    return [part.Params for part in parts]


def _summary(thing: type) -> str:
    return (thing.__doc__ or "").strip().splitlines()[0]
