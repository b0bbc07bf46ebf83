"""Weights held against what is known of them: the record of the fetch, the hub cache's own names, or the manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from v2v_studio.errors import MissingError
from v2v_studio.fingerprint import file_digest
from v2v_studio.models.fetch import known, place
from v2v_studio.models.manifest import Model
from v2v_studio.models.record import Tell, differences, read_record
from v2v_studio.models.weights import absent, find

SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Check:
    """One model, verified.

    Attributes:
        ours: whether it was fetched by this program, which can therefore mend it.
        files: how many files there was something to hold against.
        wrong: path -> what is wrong with it.
    """

    name: str
    path: Path
    ours: bool
    files: int
    wrong: dict[str, str]


def verify(name: str, tell: Tell = lambda done, total: None) -> Check:
    """Read every file of a model again. MissingError where the model is not on this machine."""
    model, home, found = known(name), place(name), find(name)
    record = read_record(home)
    if record is not None:
        return Check(name, home, True, len(record.files), differences(home, record.files, tell))
    if found is None:
        raise MissingError(absent(name))
    folder = found if found.is_dir() else found.parent
    expected = named_by_digest(folder) | model.sha256 if found.is_dir() else single(found, model)
    there = {path: digest for path, digest in expected.items() if (folder / path).is_file()}
    wrong = {}
    for done, (path, digest) in enumerate(there.items(), 1):
        if file_digest(folder / path) != digest:
            wrong[path] = "other bytes than are known of it: its sha256 differs"
        tell(done, len(there))
    return Check(name, found, False, len(there), wrong)


def named_by_digest(folder: Path) -> dict[str, str]:
    """Path -> sha256 for the links of a hub cache, which lead to files named by their digest."""
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    named = {path.relative_to(folder).as_posix(): path.resolve().name for path in links}
    return {path: name for path, name in named.items() if SHA256.fullmatch(name)}


def single(file: Path, model: Model) -> dict[str, str]:
    """Path -> sha256 where the model is one file, whatever it is called here."""
    digests = set(model.sha256.values())
    return {file.name: digests.pop()} if len(digests) == 1 else {}
