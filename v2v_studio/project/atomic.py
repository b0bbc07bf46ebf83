"""Files that are there whole or not at all: written beside themselves, synced, then put in place by one rename."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from v2v_studio.errors import ProjectError
from v2v_studio.parts import whole


def write_bytes(path: Path, data: bytes, durable: bool = True) -> None:
    """Replace a file. `durable` also survives a power cut; without it a kill of the process is all it survives."""
    with whole(path) as part, open(part, "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    if durable:
        sync(path.parent)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Readable and diffable: two spaces, keys in the order given, one newline at the end."""
    write_bytes(path, (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """ProjectError where the file is not a JSON object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"{path} is not valid JSON ({error}); restore it from a backup or correct it by hand"
        ) from None
    if not isinstance(value, dict):
        raise ProjectError(f"{path} holds a {type(value).__name__} where an object belongs; restore it from a backup")
    return value


def sync(path: Path) -> None:
    """Make a file's content, or the renames inside a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
