"""Records of older versions made into today's: one function from dict to dict for each step, applied in turn.

    @upgrade("v2v.shot", to=2)
    def frames_become_half_open(record: dict) -> dict:
        first, last = record.pop("frames")
        return {**record, "start": first, "end": last + 1}

A sample of every old version stays in the tests for good.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from v2v_studio.errors import ProjectError

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: dict[tuple[str, int], Upgrade] = {}


def upgrade(schema: str, to: int) -> Callable[[Upgrade], Upgrade]:
    """Register the step from version `to - 1` of a schema to version `to`."""

    def register(step: Upgrade) -> Upgrade:
        if (schema, to) in UPGRADES:
            raise ValueError(f"{schema}/{to} has an upgrade already: {UPGRADES[schema, to].__name__}")
        UPGRADES[schema, to] = step
        return step

    return register


def upgraded(record: dict[str, Any], schema: str, where: str) -> dict[str, Any]:
    """A record as read from disk, made into today's version; unknown keys are kept.

    Args:
        schema: today's, such as "v2v.shot/1".
        where: the file, for messages.

    Raises:
        ProjectError: it is another kind of record, names no schema, or was written by a newer v2v_studio.
    """
    name, _, today = schema.partition("/")
    written = record.get("schema")
    match = re.fullmatch(re.escape(name) + "/([1-9][0-9]{0,8})", written) if isinstance(written, str) else None
    if match is None:
        raise ProjectError(f"{where}: schema is {written!r} where {schema!r} belongs; restore it from a backup")
    if int(match[1]) > int(today):
        raise ProjectError(
            f"{where} was written by a newer v2v_studio ({written}; this one knows {schema}); update v2v_studio to open it"
        )
    for step in range(int(match[1]) + 1, int(today) + 1):
        record = {**UPGRADES[name, step](dict(record)), "schema": f"{name}/{step}"}
    return record


@upgrade("v2v.job", to=2)
def jobs_say_what_is_to_be_done(record: dict[str, Any]) -> dict[str, Any]:
    record.pop("progress", None)  # never written; `done` and `total` say it
    return record
