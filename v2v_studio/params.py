"""Options as text (`-p key=value`) made into the pydantic `Params` of whatever they are for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from v2v_studio.errors import UsageError, unknown

Params = TypeVar("Params", bound=BaseModel)


def parse_assignments(texts: Iterable[str]) -> dict[str, str]:
    """`["preset=oil", "detail=0.5"]` -> `{"preset": "oil", "detail": "0.5"}`. UsageError where there is no "="."""
    pairs = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"'{text}' is not an option; write it as key=value")
        pairs[key.strip()] = value.strip()
    return pairs


def parse_params(model: type[Params], options: Mapping[str, Any], whose: str) -> Params:
    """Options -> the model, each value coerced and bounded as its field says.

    Args:
        whose: what the options are for, as it stands in the error ("track 'restyle'").

    Raises:
        UsageError: no such option, or a value that the field refuses.
    """
    for option in options:
        if option not in model.model_fields:
            raise unknown(f"option of {whose}", option, model.model_fields)
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # a rule about several options together says it all
            raise UsageError(first["msg"].removeprefix("Value error, ")) from None
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            raise UsageError(f"{whose} needs option '{name}'; give it with: -p {name}=...") from None
        raise UsageError(f"option '{name}' of {whose} is {first['input']!r}: {first['msg']}") from None


def option_rows(params: type[BaseModel]) -> list[dict[str, Any]]:
    """The options of a model: name, default, range and description."""
    schema = params.model_json_schema()["properties"] if params.model_fields else {}
    return [
        {
            "option": option,
            "default": "required" if field.is_required() else field.get_default(call_default_factory=True),
            "range": _range(schema[option]),
            "what": field.description or "",
        }
        for option, field in params.model_fields.items()
    ]


def _range(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:  # or nothing
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    return f"{low} .. {high}" if low is not None and high is not None else schema.get("type", "")
