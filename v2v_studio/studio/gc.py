"""Garbage collection: a project brought under a size, what is cheapest to miss first."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from v2v_studio.project.check import takes_in_edits
from v2v_studio.project.records import Take
from v2v_studio.project.sweep import sweep
from v2v_studio.studio.desk import Desk
from v2v_studio.studio.job_report import abandoned, unfinished

ORDER = ("rejected", "pending")  # rejected takes go before pending ones


@dataclass(frozen=True)
class Item:
    """Something that may go: motion in the cache, or a take (`take`). `files` is all that it consists of."""

    kind: str
    where: str
    files: list[Path]
    take: Take | None = None


@dataclass(frozen=True)
class Collection:
    """What went, or would go.

    Attributes:
        budget, before, after: bytes of the project; a file with several names counts once.
        gone: in the order of going: kind, where, bytes freed.
        held: takes that nobody approved and that stay -> why.
    """

    budget: int
    before: int
    after: int
    gone: list[dict[str, object]]
    held: dict[str, str]


class Collecting(Desk):
    """The verb `gc`."""

    def gc(self, budget: int, dry_run: bool = False) -> Collection:
        """Delete until the project is no larger than `budget` bytes: motion in the cache first, then rejected takes, then
        pending ones, the oldest of each first.

        A take stays, however large, while it is approved, selected, what the next edit would show, mentioned in an edit,
        the parent of a take that stays, the last of its shot (its number would be given again), or while its shot is
        being rendered.

        Args:
            dry_run: delete nothing, tell what would go.
        """
        if not dry_run:
            sweep(self.store)
        disk = Disk(self.store.folder)
        before, gone = disk.bytes, list[dict[str, object]]()
        takes = {shot.id: self.store.takes(shot.id) for shot in self.store.shots()}
        busy, edits = self._busy(), takes_in_edits(self.store)
        held = {(shot, name): why for shot in takes for name, why in self._held(shot, busy, edits).items()}
        waiting = [*self._cached(), *self._unapproved(takes)]

        def why(item: Item) -> str:
            return held.get((item.take.shot, item.take.id), "") or parent(item.take, takes) if item.take else ""

        while disk.bytes > budget:
            item = next((item for item in waiting if not why(item)), None)
            if item is None:
                break
            if item.take and not dry_run and not self._removed(item.take):
                held[item.take.shot, item.take.id] = "it has just been chosen"
                continue
            if item.take:
                takes[item.take.shot].remove(item.take)
            elif not dry_run:
                for path in item.files:
                    path.unlink(missing_ok=True)
            waiting.remove(item)
            gone.append({"kind": item.kind, "where": item.where, "bytes": disk.remove(item.files)})
        return Collection(budget, before, disk.bytes, gone, {item.where: why(item) for item in waiting if why(item)})

    def _cached(self) -> list[Item]:
        """What the cache holds, a folder an item, the one that was written to least recently first."""
        folders: dict[Path, dict[Path, float]] = {}
        for path, known in files_in(self.store.folder / "cache"):
            folders.setdefault(path.parent, {})[path] = known.st_mtime
        oldest = sorted(folders.items(), key=lambda item: (max(item[1].values()), item[0]))
        return [Item("cache", self._where(folder), sorted(files)) for folder, files in oldest]

    def _unapproved(self, takes: Mapping[str, Sequence[Take]]) -> list[Item]:
        """Every take that is not approved, in the order of going."""
        found = []
        for take in (take for several in takes.values() for take in several):
            status = self.store.review(take.shot, take.id).status
            if status in ORDER:
                folder = self.store.take_folder(take.shot, take.id)
                item = Item(status, self._where(folder), sorted(path for path, _ in files_in(folder)), take)
                found.append(((ORDER.index(status), take.created, item.where), item))
        return [item for _, item in sorted(found, key=lambda pair: pair[0])]

    def _where(self, path: Path) -> str:
        return path.relative_to(self.store.folder).as_posix()

    def _busy(self) -> set[str]:
        """Shots that are being rendered."""
        return {job.shot for job in self.store.jobs() if unfinished(job) and not abandoned(job)}

    def _held(self, name: str, busy: set[str], edits: Mapping[tuple[str, str], Path]) -> dict[str, str]:
        """Takes of a shot that may not go, as things stand on the disk -> why."""
        store, shot, takes = self.store, self.store.shot(name), self.store.takes(name)
        if name in busy:
            return {take.id: "its shot is being rendered" for take in takes}
        held = {take.id: "it is approved" for take in takes if store.review(name, take.id).status == "approved"}
        if shot.take:
            held.setdefault(shot.take, "it is selected")
        if shown := self.shown(shot):
            held.setdefault(shown.id, "it is what the next edit would show")
        for (other, take), edit in edits.items():
            if other == name:
                held.setdefault(take, f"it is in {self._where(edit)}")
        if takes:
            last = max(takes, key=lambda take: int(take.id[1:]))
            held.setdefault(last.id, "it is the last of its shot, and its number would be given again")
        return held

    def _removed(self, take: Take) -> bool:
        """Delete a take, unless someone chose it in the meantime."""
        with self.store.lock(f"shot-{take.shot}"), self.store.lock(f"review-{take.shot}-{take.id}"):
            held = self._held(take.shot, self._busy(), takes_in_edits(self.store))
            if take.id in held or parent(take, {take.shot: self.store.takes(take.shot)}):
                return False
            self.store.remove_take(take.shot, take.id)
        return True


def parent(take: Take, takes: Mapping[str, Sequence[Take]]) -> str:
    """Why a take may not go that another one is a retake of; "" where there is none."""
    children = (other.id for other in takes[take.shot] if other.parent == take.id)
    return next((f"{child} has frames of it" for child in children), "")


class Disk:
    """The bytes of a folder's files. A file with several names (hard links) is there once, and goes with its last name.

    Args:
        folder: everything in it is counted; what links lead to is not.
    """

    def __init__(self, folder: Path) -> None:
        self._files: dict[Path, tuple[tuple[int, int], int]] = {}
        self._names: dict[tuple[int, int], int] = {}
        self.bytes = 0
        for path, known in files_in(folder):
            file = known.st_dev, known.st_ino
            self._files[path] = file, known.st_size
            self.bytes += 0 if file in self._names else known.st_size
            self._names[file] = known.st_nlink

    def remove(self, files: Iterable[Path]) -> int:
        """Bytes that are freed when these names go, whether or not they have gone already."""
        freed = 0
        for file, size in (self._files.pop(path) for path in files if path in self._files):
            self._names[file] -= 1
            freed += size if self._names[file] == 0 else 0
        self.bytes -= freed
        return freed


def files_in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Every file below a folder, hidden ones too, without following links; one that goes meanwhile is left out."""
    for here, _, names in os.walk(folder):
        for path in (Path(here) / name for name in names):
            with suppress(FileNotFoundError):
                yield path, path.lstat()
