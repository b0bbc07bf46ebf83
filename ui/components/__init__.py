"""Our own components: player, drawing board, grid, upload. Plain HTML, CSS and JavaScript, each in its folder.

The scripts are ES modules that the browser fetches from our server (ui/routes.py); nothing comes from elsewhere. What data
holds is set as text by them, never as HTML.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import streamlit as st

HERE = Path(__file__).parent
Mode = Literal["wipe", "beside", "difference", "onion", "single", "other"]
Decision = Literal["approve", "reject", "note"]
Tool = Literal["drag", "brush", "erase", "box"]


def _component(name: str) -> Any:
    folder = HERE / name
    return st.components.v2.component(
        f"v2v_{name}",
        html=(folder / f"{name}.html").read_text(),
        css=(HERE / "shared" / "room.css").read_text() + (folder / f"{name}.css").read_text(),
        js=f"const {{ mount }} = await import(`${{location.origin}}/components/{name}/{name}.js`);\nexport default mount;\n",
    )


_PLAYER, _DRAW, _GRID, _UPLOAD = (_component(name) for name in ("player", "draw", "grid", "upload"))


@dataclass(frozen=True)
class Side:
    """One video of the player.

    Attributes:
        url: as `room.url` gives it.
        label: what stands above it.
        start: which of its frames is the player's first.
    """

    url: str
    label: str
    start: int = 0


@dataclass(frozen=True)
class Curve:
    """A row of the strip: one value a frame, drawn between `low` and `high`; None leaves a gap."""

    label: str
    values: Sequence[float | None]
    low: float
    high: float


@dataclass(frozen=True)
class Pin:
    """A note on a frame, which counts from 0; `box` is x, y, width, height in source pixels."""

    frame: int
    text: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Event:
    """What was decided in the player. `frame` counts from 0; `box` is x, y, width, height in source pixels."""

    kind: Decision
    frame: int
    text: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Seen:
    """Where the player stands, and what was decided just now: each event is given once."""

    frame: int
    event: Event | None


def player(
    a: Side,
    b: Side | None,
    *,
    key: str,
    rate: Fraction,
    frames: int,
    size: tuple[int, int],
    number: int = 1001,
    timecode: int = 0,
    frame: int | None = None,
    mode: Mode = "wipe",
    curves: Sequence[Curve] = (),
    flags: Sequence[int] = (),
    notes: Sequence[Pin] = (),
    decisions: Sequence[Decision] = ("approve", "reject", "note"),
) -> Seen:
    """Two videos in step, with the strip of curves below. See the keys in docs/ui.md.

    Args:
        b: None for one video alone.
        frames: how many are shown; frames are counted from 0 here, and in all that follows.
        size: (width, height) of the source, which a note's box is measured in.
        number: of the first frame, as editors count.
        timecode: of the first frame, as a frame count.
        frame: to go to; it is gone to when it differs from the last that was given.
        flags: frames that are marked.
        notes: shown on their frames.
        decisions: what may be decided.
    """
    data = {
        "a": asdict(a),
        "b": asdict(b) if b else None,
        "rate": [rate.numerator, rate.denominator],
        "frames": frames,
        "size": list(size),
        "number": number,
        "timecode": timecode,
        "frame": frame,
        "mode": mode,
        "curves": [{**asdict(curve), "values": list(curve.values)} for curve in curves],
        "flags": list(flags),
        "notes": [asdict(note) for note in notes],
        "decisions": list(decisions),
    }
    now = _PLAYER(key=key, data=data, default={"frame": frame or 0}, on_frame_change=_nothing, on_event_change=_nothing)
    return Seen(min(int(now.frame or 0), frames - 1), _event(now.event))


def _event(told: Mapping[str, Any] | None) -> Event | None:
    if not told:
        return None
    box = tuple(map(float, told["box"])) if told.get("box") else None
    return Event(told["kind"], int(told["frame"]), str(told.get("text", "")), box)  # type: ignore[arg-type]


@dataclass(frozen=True)
class KeyedBox:
    """Where an object is at a frame: x, y, width, height in source pixels; None where it is gone from there on."""

    object: int
    phrase: str
    frame: int
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class Drawing:
    """What is drawn, in source pixels.

    Attributes:
        drags: of each its points (x, y), the first where it takes hold.
        brush: PNG of the source's size, white where it may move; None where nothing is painted.
    """

    drags: tuple[tuple[tuple[float, float], ...], ...] = ()
    boxes: tuple[KeyedBox, ...] = ()
    brush: bytes | None = field(default=None, repr=False)


def draw(
    url: str,
    *,
    key: str,
    size: tuple[int, int],
    frame: int = 0,
    number: int = 1001,
    tools: Sequence[Tool] = ("drag", "brush", "erase", "box"),
    drags: Sequence[Sequence[tuple[float, float]]] = (),
    boxes: Sequence[KeyedBox] = (),
    brush: str | None = None,
    version: str = "",
) -> Drawing | None:
    """A picture to draw on, by mouse or by keys.

    Args:
        url: the picture, as `room.url` gives it.
        size: (width, height) of the source, in whose pixels everything is measured.
        frame: the one shown, which boxes are keyed at.
        number: of that frame, as editors count.
        drags, boxes, brush: what is drawn already; brush is the address of a mask.
        version: of what is drawn already: where it changes, the board starts from it anew.

    Returns:
        What was drawn since; None where nothing was.
    """
    data = {
        "url": url,
        "size": list(size),
        "frame": frame,
        "number": number,
        "tools": list(tools),
        "drags": [{"points": [list(point) for point in points]} for points in drags],
        "boxes": [asdict(box) for box in boxes],
        "brush": brush,
        "version": version,
    }
    told = _DRAW(key=key, data=data, default={"drawing": None}, on_drawing_change=_nothing).drawing
    if not told or told["version"] != version:
        return None
    return Drawing(
        drags=tuple(tuple((float(x), float(y)) for x, y in drag["points"]) for drag in told["drags"]),
        boxes=tuple(KeyedBox(**{**box, "box": box["box"] and tuple(box["box"])}) for box in told["boxes"]),
        brush=base64.b64decode(told["brush"]) if told["brush"] else None,
    )


@dataclass(frozen=True)
class Card:
    """A picture of the grid, and what stands below it.

    Attributes:
        url: as `room.url` or `room.thumbnail` gives it; None while there is no picture.
        status: a word, with a dot of that colour before it.
        dim: whether the picture is faded, for what is disabled.
    """

    id: str
    title: str
    url: str | None = None
    lines: tuple[str, ...] = ()
    status: str = ""
    colour: str = ""
    dim: bool = False


def grid(label: str, cards: Sequence[Card], chosen: str | None, *, key: str) -> str | None:
    """Pictures to choose one of; gives its id. Three hundred of them are as quick as three."""
    data = {"label": label, "cards": [asdict(card) for card in cards], "chosen": chosen}
    picked = _GRID(key=key, data=data, default={"chosen": chosen}, on_chosen_change=_nothing).chosen
    return picked if picked in {card.id for card in cards} else chosen


def upload(
    label: str, hint: str, accept: str, *, key: str, kind: Literal["footage", "painted"] = "footage", many: bool = True
) -> list[dict[str, str]]:
    """Files sent straight to the project's disk.

    Args:
        accept: suffixes to choose from, such as ".mp4,.mov".
        kind: footage is taken in at once; a painted frame is kept in the project's cache, for its translator.

    Returns:
        Of each file that was sent just now its `name`, and its `footage`, or where it lies as `path`, or an `error`.
    """
    data = {"label": label, "hint": hint, "accept": accept, "kind": kind, "many": many}
    return _UPLOAD(key=key, data=data, on_received_change=_nothing).received or []


def _nothing() -> None:
    """Streamlit runs the page again by itself; this only names the state."""
