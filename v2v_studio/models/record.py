"""What was fetched, as a record beside the files: where they came from, and the digest of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from v2v_studio.errors import StudioError
from v2v_studio.fingerprint import file_digest
from v2v_studio.project.atomic import read_json, write_json

RECORD = "fetched.json"
Tell = Callable[[int, int], None]


class File(BaseModel):
    """Bytes and sha256 of one file."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Record(BaseModel):
    """One model as it was fetched.

    Attributes:
        source: the repository "owner/name", or torchvision's name of the weights.
        revision: the commit, 40 hex digits; None where the source has none.
        files: path in the folder -> what it was when it came.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    source: str
    revision: str | None
    licence: str
    files: dict[str, File]


def read_record(folder: Path) -> Record | None:
    """The record of a model's folder; None where there is none, or none that can be read."""
    try:
        return Record.model_validate(read_json(folder / RECORD))
    except (OSError, ValueError, StudioError):
        return None


def write_record(folder: Path, record: Record) -> None:
    write_json(folder / RECORD, record.model_dump())


def differences(folder: Path, files: dict[str, File], tell: Tell = lambda done, total: None) -> dict[str, str]:
    """Path -> what is wrong with it, for every file that is not the one recorded. All of them are read."""
    wrong, done, total = {}, 0, sum(file.size for file in files.values())
    for path, file in files.items():
        there = folder / path
        if not there.is_file():
            wrong[path] = "missing"
        elif (size := there.stat().st_size) != file.size:
            wrong[path] = f"{size} bytes, {file.size} were fetched"
        elif file_digest(there) != file.sha256:
            wrong[path] = "other bytes than were fetched: its sha256 differs"
        done += file.size
        tell(done, total)
    return wrong
