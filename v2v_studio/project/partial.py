"""A take in the making: a hidden folder that frames go into one by one, until one rename makes it a take.

Frames are named by number alone while the take's own number is not known. A process that is killed leaves the folder; the
next one with the same fingerprint takes it up: `state` says how far each pass had come, and every frame up to there is
whole. `commit` runs under the shot's lock, so that no two takes get one number; killed anywhere inside it, the folder is
still a partial that can be committed again.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import RenderError
from v2v_studio.parts import PART, sync, sync_all
from v2v_studio.project.atomic import read_json, write_bytes, write_json
from v2v_studio.project.naming import following
from v2v_studio.project.records import Take

_FRAME = re.compile(r"(?:.*\.)?(-?\d+)\.png")


class UnderWay(RenderError):
    """Another process is making it."""


class PartialTake:
    """See the module. Made by `Store.open_partial`, which holds its lock.

    Attributes:
        folder: where frames/ and everything else of the take grows.
    """

    def __init__(self, folder: Path, takes_lock: AbstractContextManager[Any]) -> None:
        self.folder, self._takes_lock = folder, takes_lock
        (folder / "frames").mkdir(parents=True, exist_ok=True)
        for torn in folder.rglob(f".*{PART}"):  # killed while writing
            torn.unlink()
        for renamed in (folder / "frames").glob("*_t*.png"):  # killed inside `commit`
            os.replace(renamed, self.frame(_number(renamed)))

    def frame(self, number: int) -> Path:
        """Where the frame of that number belongs."""
        return self.folder / "frames" / f"{number:04d}.png"

    def frames(self) -> dict[int, Path]:
        """Number -> file of every frame there is."""
        return {_number(path): path for path in (self.folder / "frames").glob("*.png")}

    def link(self, file: Path, to: Path) -> None:
        """Take in a file of another take: the very file where the disk can share one, else a copy."""
        to.unlink(missing_ok=True)  # of a killed process
        try:
            os.link(file, to)
        except OSError:
            shutil.copyfile(file, to)

    def source(self, number: int) -> Path:
        """Where the picture belongs that shows which first frame the pixels of a frame came from."""
        (self.folder / "sources").mkdir(exist_ok=True)
        return self.folder / "sources" / f"{number:04d}.png"

    def save_state(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep what a pass needs to go on from here; replaces the one before."""
        held = io.BytesIO()
        np.savez(held, allow_pickle=False, **dict(arrays))
        write_bytes(self.folder / f"{name}.npz", held.getvalue())

    def state(self, name: str) -> dict[str, np.ndarray]:
        """What `save_state` kept last; empty where nothing was kept, or what was is not whole."""
        try:
            with np.load(self.folder / f"{name}.npz", allow_pickle=False) as kept:
                return {key: kept[key] for key in kept.files}
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error):
            return {}

    def add_row(self, row: Mapping[str, Any]) -> None:
        """Append a row of measurements, on a line of its own even after one torn by a kill."""
        with open(self.folder / "rows.jsonl", "a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(row))
            file.flush()
            os.fsync(file.fileno())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Measurements so far, in the order they came; one torn by a kill or zeroed by a power cut is left out."""
        try:
            lines = re.split("[\n\0]+", (self.folder / "rows.jsonl").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue

    def write_json(self, name: str, value: dict[str, Any]) -> None:
        write_json(self.folder / name, value)

    def finished(self) -> Take | None:
        """The record of a take that was killed inside `commit`: all that is left to do is to commit it again."""
        path = self.folder / "take.json"
        return Take.model_validate(read_json(path)) if path.exists() else None

    def take_in(self, stretch: PartialTake) -> None:
        """All that was made of the same take apart; nothing is left there.

        Killed anywhere inside, it can be done again: what stands for progress comes last here, and goes first there.
        """
        for row in stretch.rows():
            self.add_row(row)
        for picture in stretch.pictures():
            into = self.folder / picture.relative_to(stretch.folder)
            into.parent.mkdir(exist_ok=True)
            self.link(picture, into)
        for state in stretch.states():
            self.link(state, self.folder / state.name)
        for state in stretch.states():
            state.unlink()
        stretch.discard()

    def states(self) -> list[Path]:
        """The files of `save_state`, in the order they were made."""
        return sorted(self.folder.glob("*.npz"), key=lambda path: path.stat().st_mtime_ns)

    def pictures(self) -> list[Path]:
        """Every PNG that there is of it."""
        return sorted(self.folder.rglob("[!.]*.png"))

    def start_again(self) -> None:
        """Forget all that was done."""
        shutil.rmtree(self.folder)
        (self.folder / "frames").mkdir(parents=True)

    def discard(self) -> None:
        """Leave nothing of it."""
        shutil.rmtree(self.folder)

    def commit(self, take: Take) -> Take:
        """Make it the shot's next take. The one rename at the end is what makes it visible.

        Raises:
            RenderError: a frame of the take's range is not there, or one is there that is not of it.
        """
        expected = range(take.number(take.first), take.number(take.last))
        if wrong := set(expected) ^ set(self.frames()):
            raise RenderError(f"the take of {take.shot} is not whole: frame {min(wrong)} is amiss; render it again")
        takes = self.folder.parent
        with self._takes_lock:
            name = following("t", (path.name for path in takes.iterdir() if path.name.startswith("t")))
            for number, path in self.frames().items():
                os.replace(path, path.with_name(f"{take.shot}_{name}.{number:04d}.png"))
            made = take.changed(id=name)
            sync_all(self.folder)  # before the record, which says that all is there
            write_json(self.folder / "take.json", made.plain())
            for state in [*self.states(), self.folder / "rows.jsonl"]:
                state.unlink(missing_ok=True)
            sync(self.folder)
            os.rename(self.folder, takes / name)
            sync(takes)
        return made


def _number(path: Path) -> int:
    match = _FRAME.fullmatch(path.name)
    assert match, path
    return int(match.group(1))
