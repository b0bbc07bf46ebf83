"""Files that are there whole or not at all: written beside themselves, synced, then put in place by one rename."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from v2v_studio.errors import ProjectError
from v2v_studio.parts import whole

DEEPEST = 64  # levels of JSON; ours have ten
LARGEST = 2**28  # bytes of a record; the scores of a day of film are a tenth of it


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file."""
    with whole(path) as part:
        part.write_bytes(data)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Readable and diffable: two spaces, keys in the order given, one newline at the end."""
    write_bytes(path, (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """ProjectError where the file is not a JSON object."""
    if path.stat().st_size > LARGEST:
        raise ProjectError(f"{path} has more than {LARGEST >> 20} MB, which no record has; restore it from a backup")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"{path} is not valid JSON ({error}); restore it from a backup or correct it by hand"
        ) from None
    if deeper(value, DEEPEST):
        raise ProjectError(f"{path} is nested more than {DEEPEST} levels deep; restore it from a backup")
    if not isinstance(value, dict):
        raise ProjectError(f"{path} holds a {type(value).__name__} where an object belongs; restore it from a backup")
    return value


def deeper(value: Any, levels: int) -> bool:
    """Whether JSON has more levels inside each other than that."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        inside = [one for held in level for one in (held.values() if isinstance(held, dict) else held)]
        level = [one for one in inside if isinstance(one, dict | list)]
    return bool(level)
