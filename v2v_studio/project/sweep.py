"""What killed processes left in a project and nothing goes on from; partial takes are kept, to go on from."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from v2v_studio.parts import PART, abandoned, remove
from v2v_studio.project.store import COPY, TRASH, Store

PARTS = [  # wherever files are written, but for the frames of takes, which are there whole or not at all
    f"{folder}.*{PART}"
    for folder in (
        *("", "footage/**/", "edits/", "exports/", "jobs/", "cache/**/", "shots/"),
        *(f"shots/*/{inside}" for inside in ("", "masks/", "motion/**/", "takes/t*/")),
    )
]


def sweep(store: Store) -> list[Path]:
    """Remove it; returns what was removed."""
    left = []
    for unfinished in unfinished_first_frames(store.folder):
        with store.lock(f"firstframes-{unfinished.parent.parent.name}"):  # else it is being written
            if unfinished.exists():
                shutil.rmtree(unfinished)
                left.append(unfinished)
    for path in leftovers(store.folder):
        remove(path)
        left.append(path)
    return left


def leftovers(project: Path) -> list[Path]:
    """Files half written, copies without a record, and takes half deleted, by processes that have ended."""
    parts = [part for places in PARTS for part in sorted(project.glob(places)) if abandoned(part)]
    unrecorded = [copy for part in parts if (copy := unrecorded_copy(part))]
    return [*unrecorded, *parts, *(project / "shots").glob(f"sh*/takes/{TRASH}*")]


def unfinished_first_frames(project: Path) -> list[Path]:
    """First frames that are not whole. Whether they are being written is known to who holds the lock of their shot."""
    return sorted((project / "shots").glob("sh*/firstframes/.partial"))


def unrecorded_copy(mark: Path) -> Path | None:
    """The copy that a mark names, where it is there and no record of it came to be."""
    footage = re.fullmatch(rf"\.(a[0-9]+){re.escape(COPY)}\..*", mark.name)
    if footage is None or not mark.is_file() or (mark.parent / f"{footage[1]}.json").exists():
        return None
    named = mark.read_text(errors="replace")
    copy = mark.with_name(named) if re.fullmatch(rf"{footage[1]}(?:\.[^/]*)?", named) else None
    return copy if copy and copy.exists() else None
