"""What every verb stands on: the open project, and how progress is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from v2v_studio.project.records import Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.studio.footage import read_footage, size_of

Tell = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


class Desk:
    """An open project.

    Args:
        folder: a project.

    Raises:
        ProjectError: it is none.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(Path(folder))

    def still(self, shot: Shot, frame: int) -> Any:
        footage = self.store.footage(shot.footage)
        return next(read_footage(self.store, footage, size_of(self.store, footage))(frame, frame + 1))

    def shown(self, shot: Shot, strict: bool = False) -> Take | None:
        """The take an edit shows: the selected one if it is approved, else the newest approved one; else, unless
        `strict`, the newest that is not rejected. None for a disabled shot, or where there is none."""
        if shot.status == "omit":
            return None
        takes = self.store.takes(shot.id)
        status = {take.id: self.store.review(shot.id, take.id).status for take in takes}
        approved = [take for take in takes if status[take.id] == "approved"]
        if approved:
            return next((take for take in approved if take.id == shot.take), approved[-1])
        pending = [take for take in takes if status[take.id] == "pending"]
        return pending[-1] if pending and not strict else None

    def metrics(self, take: Take) -> dict[str, Any]:
        """What was measured of a take, frame by frame."""
        return json.loads((self.store.take_folder(take.shot, take.id) / "metrics.json").read_text())


def told(frames: Iterable[Any], total: int, tell: Tell) -> Iterator[Any]:
    """The same frames, each counted aloud."""
    for done, frame in enumerate(frames, 1):
        yield frame
        tell(done, total)


def shifted(tell: Tell, before: int, total: int) -> Tell:
    """Progress of one part as progress of the whole."""
    return lambda done, _: tell(before + done, total)
