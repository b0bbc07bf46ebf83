"""A form from any `Params`: one widget a field, its bounds the field's, its help the field's description."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import streamlit as st
from pydantic import BaseModel

SHOWN = 6  # fields that stand open; the others are folded away
FINE = 0.01


def params_form(
    models: Sequence[type[BaseModel]],
    key: str,
    given: Mapping[str, Any] | None = None,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """Widgets for the fields of some models, such as `choices.models("translator", "filters")`.

    Args:
        key: tells this form's widgets from those of others on the page.
        given: values to start from where they are not the fields' own defaults; what no model has is passed over.
        without: fields that the page asks for itself.

    Returns:
        What was given, and what differs from the fields' defaults, by name: ready for the service.
    """
    fields = {
        name: (model, _schema(model, name)) for model in models for name in model.model_fields if name not in without
    }
    given = given or {}
    start = {name: given.get(name, default(model, name)) for name, (model, _) in fields.items()}
    made: dict[str, Any] = {}
    for place, names in ((st.container(), list(fields)[:SHOWN]), (_more, list(fields)[SHOWN:])):
        if not names:
            continue
        columns = (place() if callable(place) else place).columns(2)
        for index, name in enumerate(names):
            with columns[index % 2]:
                made[name] = widget(name, fields[name][1], start[name], f"{key}-{name}")
    return {name: value for name, value in made.items() if _told(value, default(fields[name][0], name), name in given)}


def _told(value: Any, own: Any, given: bool) -> bool:
    left_empty = own is None and value in (None, "")
    return (given or value != own) and not left_empty


def _more() -> Any:
    return st.expander("More options")


def default(model: type[BaseModel], name: str) -> Any:
    """A field's own value; None for one that has none."""
    field = model.model_fields[name]
    return None if field.is_required() else field.get_default(call_default_factory=True)


def widget(name: str, schema: Mapping[str, Any], value: Any, key: str) -> Any:
    """The widget that fits a field's JSON schema, and what it holds."""
    common: dict[str, Any] = {"label": label(name), "help": schema.get("description"), "key": key}
    return _kind(schema)(schema, value, common)


def label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _schema(model: type[BaseModel], name: str) -> dict[str, Any]:
    """A field's schema; of one that may be empty, that of its other type, with `optional` set."""
    schema = model.model_json_schema()["properties"][name]
    types = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return {**schema, **types[0], "optional": True} if types else schema


def _kind(schema: Mapping[str, Any]) -> Callable[[Mapping[str, Any], Any, dict[str, Any]], Any]:
    if "enum" in schema:
        return _choice
    kinds = {"boolean": _switch, "integer": _number, "number": _number, "string": _text}
    if schema.get("type") not in kinds:
        raise TypeError(f"no widget for a field of type {schema.get('type')}")
    return kinds[schema["type"]]


def _switch(schema: Mapping[str, Any], value: Any, common: dict[str, Any]) -> Any:
    return st.toggle(value=bool(value), **common)


def _choice(schema: Mapping[str, Any], value: Any, common: dict[str, Any]) -> Any:
    names = list(schema["enum"])
    index = names.index(value) if value in names else None
    return st.selectbox(options=names, index=index, **common)


def _text(schema: Mapping[str, Any], value: Any, common: dict[str, Any]) -> Any:
    if "prompt" in common["key"]:
        return st.text_area(value=value or "", height=80, **common)
    return st.text_input(value=value or "", **common)


def _number(schema: Mapping[str, Any], value: Any, common: dict[str, Any]) -> Any:
    """A slider between two bounds; a field to type into where one is missing, or nothing may be chosen."""
    kind = int if schema["type"] == "integer" else float
    step = kind(1) if kind is int else FINE
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    bounds = {"min_value": None if low is None else kind(low), "max_value": None if high is None else kind(high)}
    value = None if value is None or value == "" else kind(value)
    if value is not None and None not in bounds.values() and not schema.get("optional"):
        return st.slider(value=value, step=step, **bounds, **common)
    empty = {"placeholder": "as usual"} if schema.get("optional") else {}
    return st.number_input(value=value, step=step, **bounds, **empty, **common)
