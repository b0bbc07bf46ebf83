"""What may be wrong with a project's folders and records, found without opening a picture or a video."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from v2v_studio.errors import StudioError
from v2v_studio.project.atomic import read_json
from v2v_studio.project.cache import FlowCache
from v2v_studio.project.naming import EXAMPLES, PATTERNS, Kind
from v2v_studio.project.records import FirstFrame, Footage, Job, Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.project.sweep import leftovers, sweep, unfinished_first_frames

LEFT = "a process that was killed left it"
Read = TypeVar("Read")
LOCK_OF_SHOT = re.compile(rf"(?:shot|takes|firstframes|partial|review)-({PATTERNS['shot']})(?:-.*)?")
TAKE_IN_EDIT = re.compile(rf"shots/(?P<shot>{PATTERNS['shot']})/takes/(?P<take>{PATTERNS['take']})\b")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        where: path inside the project, with forward slashes.
        what: what is wrong there.
        do: what a user can do about it.
        fix: does it, where that is safe to do unasked.
    """

    where: str
    what: str
    do: str
    fix: Callable[[], object] | None = None

    @property
    def sentence(self) -> str:
        return f"{self.where}: {self.what}; {self.do}"


class Inspection:
    """A project read record by record: what can be read, by name, and a finding for everything that cannot.

    Attributes:
        findings: in the order of the folders.
        footages, shots: by name.
        first_frames, takes: by shot, then name.
        jobs: by name.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.findings: list[Finding] = []
        self._read(store.folder / "project.json", store.project)
        self.footages = self._footages()
        self.shots = dict[str, Shot]()
        self.first_frames = dict[str, dict[str, FirstFrame]]()
        self.takes = dict[str, dict[str, Take]]()
        for folder in self._named("shots", "shot"):
            self._shot(folder)
        self.jobs = self._jobs()
        self._leftovers()
        self._locks()
        self._edits()
        self._cache()

    def add(self, path: Path, what: str, do: str, fix: Callable[[], object] | None = None) -> None:
        self.findings.append(Finding(path.relative_to(self.store.folder).as_posix() or ".", what, do, fix))

    # ---- records

    def _footages(self) -> dict[str, Footage]:
        found = dict[str, Footage]()
        for path in self._named("footage", "footage", suffix=r"(?:\.scores)?\.json", only="*.json"):
            if not path.stem.endswith(".scores"):
                record = self._read(path, partial(self.store.footage, path.stem))
                found |= {path.stem: record} if record else {}
        self._copies(found)
        return found

    def _copies(self, known: Mapping[str, Footage]) -> None:
        """Copies of footage that no record is of: their ingest was killed, or the record is lost."""
        of_records = {self.store.folder / footage.path for footage in known.values()}
        left = leftovers(self.store.folder)  # the same, where it is sure that they are
        for path in sorted((self.store.folder / "footage").glob("a*")):
            record, copy = path.with_suffix(".json"), re.fullmatch(PATTERNS["footage"], path.stem)
            if copy and path not in {*of_records, *left, record} and (path.stem in known or not record.exists()):
                self.add(path, "no record is of this copy", "ingest it again from where it came, or remove it")

    def _shot(self, folder: Path) -> None:
        store, name = self.store, folder.name
        self.first_frames[name] = {}
        self.takes[name] = {}
        shot = self._read(folder / "shot.json", partial(store.shot, name))
        for path in self._named(f"shots/{name}/firstframes", "first frame"):
            first = self._read(path / "firstframe.json", partial(store.first_frame, name, path.name))
            if first and self._belongs(path / "firstframe.json", first.shot, name):
                self.first_frames[name][path.name] = first
        for path in self._named(f"shots/{name}/takes", "take"):
            take = self._read(path / "take.json", partial(store.take, name, path.name))
            if take and self._belongs(path / "take.json", take.shot, name):
                self.takes[name][path.name] = take
                self._take(path, take)
        if shot:
            self.shots[name] = shot
            self._range(folder / "shot.json", shot)
            self._selected(folder, shot)

    def _take(self, folder: Path, take: Take) -> None:
        self._read(folder / "metrics.json", partial(read_json, folder / "metrics.json"))
        if (folder / "review.json").exists():
            self._read(folder / "review.json", partial(self.store.review, take.shot, take.id))

    def _jobs(self) -> dict[str, Job]:
        found = dict[str, Job]()
        for path in self._named("jobs", "job", suffix=r"\.(?:json|log)"):
            record = self._read(path, partial(self.store.job, path.stem)) if path.suffix == ".json" else None
            found |= {path.stem: record} if record else {}
        return found

    def _read(self, path: Path, read: Callable[[], Read]) -> Read | None:
        """The record; None, and a finding, where it cannot be read."""
        if not path.is_file():
            self.add(path.parent, f"there is no {path.name} in it", "restore it from a backup, or move the folder away")
            return None
        try:
            return read()
        except StudioError as error:
            what, _, do = str(error).removeprefix(str(path)).lstrip(": ").rpartition("; ")
            self.add(path, what, do)
        except OSError as error:
            self.add(path, f"it cannot be read ({error.strerror})", "make it readable")
        return None

    def _named(self, inside: str, kind: Kind, suffix: str = "", only: str = "*") -> Iterator[Path]:
        """What lies in a folder under a name of its kind; a finding for every other name. Hidden files are nobody's."""
        for path in sorted(path for path in (self.store.folder / inside).glob(only) if not path.name.startswith(".")):
            if re.fullmatch(f"(?:{PATTERNS[kind]}){suffix}", path.name):
                yield path
            else:
                what = f"that is not the name of a {kind} (such as {EXAMPLES[kind]})"
                self.add(path, what, "rename it, or move it out of the project")

    # ---- records that name each other

    def _belongs(self, path: Path, said: str, shot: str) -> bool:
        if said != shot:
            self.add(path, f"it says that it is of shot {said}", "move it there, or correct it")
        return said == shot

    def _range(self, path: Path, shot: Shot) -> None:
        footage = self.footages.get(shot.footage)
        if footage is None:
            self.add(
                path, f"it is a range of {shot.footage}, which cannot be read", "restore that record from a backup"
            )
        elif shot.end > footage.frames:
            what = f"it ends at frame {shot.end}, but {footage.id} has {footage.frames} frames"
            self.add(path, what, f"trim it with: v2v trim {shot.id}, or disable it")

    def _selected(self, folder: Path, shot: Shot) -> None:
        path, change = folder / "shot.json", self.store.change_shot
        if lost := self._lost(folder, shot):
            do = f"unselect it, then: v2v stylize {shot.id}"
            self.add(
                path, f"it selects {lost[0]}, which is not there", do, partial(change, shot.id, partial(without, lost))
            )
        if shot.take and not (folder / "takes" / shot.take).is_dir():
            do = f"unselect it, then: v2v render {shot.id}"
            self.add(path, f"it selects {shot.take}, which is not there", do, partial(change, shot.id, without_take))
        for take in self.takes[shot.id].values():
            if lost := self._lost(folder, take):
                do = "restore it from a backup; the take's own frames are untouched"
                self.add(folder / "takes" / take.id, f"its first frame {lost[0]} is not there", do)

    def _lost(self, folder: Path, record: Shot | Take) -> list[str]:
        """The first frames of a record that are not there."""
        names = [name for name in (record.first_frame, *record.further) if name]
        return [name for name in names if not (folder / "firstframes" / name).is_dir()]

    # ---- what is left of processes that ended

    def _leftovers(self) -> None:
        store = self.store
        for path in leftovers(store.folder):
            self.add(path, LEFT, "remove it", partial(sweep, store))
        for unfinished in unfinished_first_frames(store.folder):
            if not held(store, f"firstframes-{unfinished.parent.parent.name}"):
                self.add(unfinished, LEFT, "remove it", partial(sweep, store))
        for partial_take in sorted((store.folder / "shots").glob("*/takes/.partial-*")):
            shot, key = partial_take.parent.parent.name, partial_take.name.removeprefix(".partial-")
            if shot in self.shots and not held(store, f"partial-{shot}-{key}"):
                done = len(list((partial_take / "frames").glob("*.png")))
                what = f"{done} frames of a render that ended before its time"
                self.add(
                    partial_take, what, f"go on with: v2v render {shot}, or remove it", partial(drop, store, shot, key)
                )

    def _locks(self) -> None:
        for path in sorted((self.store.folder / ".locks").glob("*.lock")):
            match = LOCK_OF_SHOT.fullmatch(path.stem)
            if match and not (self.store.folder / "shots" / match[1]).exists() and not held(self.store, path.stem):
                self.add(path, f"a lock of {match[1]}, which is not there", "remove it", partial(path.unlink, True))

    def _edits(self) -> None:
        for (shot, take), edit in takes_in_edits(self.store).items():
            if not (self.store.folder / "shots" / shot / "takes" / take).exists():
                self.add(
                    edit, f"it mentions {shot}/{take}, which is not there", "write the edit anew with: v2v assemble"
                )

    def _cache(self) -> None:
        """Motion that is not whole. What else lies in the cache is its makers' business."""
        flow = self.store.folder / "cache" / "flow"
        for path in sorted(flow.glob("*/*/*.flow")):
            if not path.stem.isdigit() or FlowCache(flow, path.parent.name).get(int(path.stem)) is None:
                self.add(path, "this motion cannot be read", "remove it: it is made again", partial(path.unlink, True))


def takes_in_edits(store: Store) -> dict[tuple[str, str], Path]:
    """Every take that an edit mentions, as (shot, take), shown there or only kept as another choice -> that edit."""
    edits = sorted((store.folder / "edits").glob("[!.]*.otio"))
    return {
        (mention["shot"], mention["take"]): path
        for path in edits
        for mention in TAKE_IN_EDIT.finditer(path.read_text(encoding="utf-8", errors="replace"))
    }


def without(lost: Collection[str], shot: Shot) -> Shot:
    """The shot without these first frames."""
    left = [name for name in (shot.first_frame, *shot.further) if name and name not in lost]
    return shot.changed(first_frame=left[0] if left else None, further=left[1:])


def without_take(shot: Shot) -> Shot:
    return shot.changed(take=None)


def held(store: Store, lock: str) -> bool:
    """Whether a process holds a lock right now."""
    if not (store.folder / ".locks" / f"{lock}.lock").exists():
        return False
    try:
        with store.lock(lock, patience=0):
            return False
    except StudioError:
        return True


def drop(store: Store, shot: str, key: str) -> None:
    """Give up what an ended render had done; StudioError where another process has just taken it up.

    Args:
        key: what the folder's name says of it: the fingerprint, and the stretch.
    """
    with store.open_partial(shot, key[:16], stretch=key[16:]) as unfinished:
        unfinished.discard()
