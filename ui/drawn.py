"""Boxes as the board has them, a key each, and as control.json has them, an object each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ui.components import KeyedBox


def keyed(objects: Iterable[Mapping[str, Any]]) -> list[KeyedBox]:
    """Objects with their keys -> the keys, each with its object's number and phrase."""
    return [
        KeyedBox(number, one["phrase"], key["frame"], tuple(key["box"]) if key["box"] else None)
        for number, one in enumerate(objects, 1)
        for key in one["keys"]
    ]


def boxes_of(keys: Iterable[KeyedBox], before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The keys -> objects, in the order they were drawn in.

    Args:
        before: the objects that were there; how one goes from key to key is kept of it.
    """
    objects: dict[int, list[KeyedBox]] = {}
    for key in keys:
        objects.setdefault(key.object, []).append(key)
    return [
        {
            **({"interpolation": before[number - 1]["interpolation"]} if number <= len(before) else {}),
            "phrase": own[-1].phrase,
            "keys": [{"frame": key.frame, "box": key.box} for key in sorted(own, key=lambda key: key.frame)],
        }
        for number, own in sorted(objects.items())
    ]
