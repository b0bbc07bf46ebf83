"""Where two recipes differ: the first stage of the line that does, and the values by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from v2v_studio.studio.request import changes

STAGES = {  # in the order of the line, each with the keys of a recipe that belong to it
    "footage": ("footage", "footages"),
    "edit": ("spans", "shots"),
    "shot": ("shot", "frames", "transitions", "size"),
    "first frame": ("first_frame", "further", "frame", "translator"),
    "weights": ("weights",),
    "parent": ("parent", "span"),
    "mask": ("mask",),
    "motion": ("motion", "motion_params", "control", "moves"),
    "renderer": ("track", "renderer", "params", "seed"),
    "encoding": ("form", "crf"),
    "versions": ("v2v_studio", "versions"),
}


class Difference(Exception):
    """The first stage that differs, and how, in words."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(stage, reason)
        self.stage, self.reason = stage, reason


def stage_of(name: str) -> str:
    """The stage that a recipe's value belongs to; "recipe" for a value that is not known here."""
    key = name.partition(".")[0]
    return next((stage for stage, keys in STAGES.items() if key in keys), "recipe")


def difference(
    one: Mapping[str, Any], other: Mapping[str, Any], whose: str, others: str, but: Iterable[str] = ()
) -> Difference | None:
    """What differs at the first stage where two recipes do; None where they are the same.

    Args:
        whose, others: where each comes from, as it stands in the words.
        but: stages that are passed over.
    """
    names = [name for name in changes(one, other) if stage_of(name) not in but]
    if not names:
        return None
    order = [*STAGES, "recipe"]
    first = min((stage_of(name) for name in names), key=order.index)
    told = "; ".join(
        f"{name} is {_value(one, name)} in {whose}, {_value(other, name)} in {others}"
        for name in names
        if stage_of(name) == first
    )
    return Difference(first, told)


def said_by(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one recipe that another has too: without the options that came later and are at their defaults."""
    return {
        key: said_by(value, other[key]) if isinstance(value, Mapping) and isinstance(other[key], Mapping) else value
        for key, value in one.items()
        if key in other
    }


def _value(recipe: Mapping[str, Any], name: str) -> str:
    value: Any = recipe
    for key in name.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return "absent"
        value = value[key]
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]} ..."
