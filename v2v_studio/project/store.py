"""The project folder: every record read and written here, whole or not at all, and nobody's edit lost.

A change is a function from record to record, applied under the record's lock to what is on the disk now, so two processes
that change one shot both have their change. Takes and first frames are built in hidden folders and appear by one rename.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from v2v_studio.errors import ProjectError, StudioError, UsageError
from v2v_studio.parts import beside, remove, settle, sync
from v2v_studio.project.atomic import read_json, write_bytes, write_json
from v2v_studio.project.control import Control
from v2v_studio.project.naming import Kind, checked, following, is_name
from v2v_studio.project.partial import PartialTake, UnderWay
from v2v_studio.project.records import FirstFrame, Footage, Job, Project, Record, Review, Shot, Take
from v2v_studio.project.upgrades import upgraded

Kept = TypeVar("Kept", bound=Record)
FOLDERS = ("footage", "shots", "edits", "exports", "jobs", "cache")
UNDO = ".cutting.json"
TRASH = ".trash-"
COPY = ".copy"  # what a mark is called that names a copy until it has a record
PATIENCE = 30.0  # seconds to wait for another process's short write
HANDOVER = 5.0  # seconds to wait for a killed process's worker to notice


class Store:
    """An open project.

    Args:
        folder: it holds a project.json.

    Raises:
        ProjectError: it does not, or one of its folders is a link that leads out of it.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "project.json").is_file():
            raise ProjectError(f"{folder} is not a v2v project (no project.json). Create one with: v2v init {folder}")
        self.folder = folder.resolve()
        for name in (*FOLDERS, ".locks"):
            with suppress(OSError):  # a project may be looked at where it may not be written
                self._inside(self.folder / name).mkdir(exist_ok=True)  # git, for one, carries no empty folder
        if self._undo_file.exists():
            with suppress(OSError, StudioError), self.cutting(patience=0.0):  # else it is being cut right now
                pass

    @classmethod
    def create(cls, folder: Path, size: tuple[int, int] | None = None) -> Store:
        """A new project. ProjectError where there is one already."""
        if (folder / "project.json").exists():
            raise ProjectError(f"{folder} is a v2v project already; use it with: v2v -C {folder} status")
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_json(folder / "project.json", Project(name=folder.resolve().name, size=size).plain())
        return cls(folder)

    # ---- reading

    def project(self) -> Project:
        return self._read(self.folder / "project.json", Project)

    def footages(self) -> list[Footage]:
        return [self.footage(path.stem) for path in sorted((self.folder / "footage").glob("a[0-9]*[0-9].json"))]

    def footage(self, name: str) -> Footage:
        path = self.folder / "footage" / f"{checked('footage', name)}.json"
        return self._read(path, Footage, "footage", name)

    def shots(self) -> list[Shot]:
        """In the order of the film: by footage, then by first frame."""
        names = [path.parent.name for path in (self.folder / "shots").glob("sh*/shot.json")]
        return sorted((self.shot(name) for name in names), key=lambda shot: (shot.footage, shot.start, shot.id))

    def shot(self, name: str) -> Shot:
        return self._read(self._shot(name) / "shot.json", Shot, "shot", name)

    def first_frames(self, shot: str) -> list[FirstFrame]:
        return [self.first_frame(shot, path.name) for path in sorted((self._shot(shot) / "firstframes").glob("ff*"))]

    def first_frame(self, shot: str, name: str) -> FirstFrame:
        path = self._shot(shot) / "firstframes" / checked("first frame", name)
        return self._read(path / "firstframe.json", FirstFrame, "first frame", f"{shot}/{name}").changed(id=name)

    def first_frame_image(self, first: FirstFrame) -> Path:
        path = self._shot(first.shot) / "firstframes" / checked("first frame", first.id) / "image.png"
        return self._inside(path)

    def takes(self, shot: str) -> list[Take]:
        return [self.take(shot, path.name) for path in sorted((self._shot(shot) / "takes").glob("t*"))]

    def take(self, shot: str, name: str) -> Take:
        return self._read(self.take_folder(shot, name) / "take.json", Take, "take", f"{shot}/{name}")

    def take_folder(self, shot: str, name: str) -> Path:
        return self._inside(self._shot(shot) / "takes" / checked("take", name))

    def take_frame(self, take: Take, frame: int) -> Path:
        """The file of a footage frame."""
        name = f"{take.shot}_{take.id}.{take.number(frame):04d}.png"
        return self._inside(self.take_folder(take.shot, take.id) / "frames" / name)

    def review(self, shot: str, take: str) -> Review:
        path = self.take_folder(shot, take) / "review.json"
        return self._read(path, Review) if path.exists() else Review()

    def control(self, shot: str) -> Control | None:
        """How a shot is to move, as drawn; None where nothing is drawn."""
        path = self.control_file(shot)
        return self._read(path, Control) if path.exists() else None

    def control_file(self, shot: str) -> Path:
        """Where a shot's control lies; its brush lies beside it."""
        return self._shot(shot) / "control.json"

    def jobs(self) -> list[Job]:
        """The oldest first."""
        names = [path.stem for path in (self.folder / "jobs").glob("[!.]*.json")]
        return [self.job(name) for name in sorted(names, key=lambda name: (len(name), name)) if is_name("job", name)]

    def media_path(self, footage: Footage) -> Path:
        """Where the footage's file is. ProjectError for what is not a plain path, or what a copy's link leads out to."""
        if "://" in footage.path or Path(footage.path).is_absolute() or "\0" in footage.path:
            raise ProjectError(
                f"footage {footage.id} has path {footage.path!r}; it must be relative to the project folder"
            )
        path = self.folder / footage.path
        if footage.copied and not path.resolve().is_relative_to(self.folder):
            raise ProjectError(
                f"footage {footage.id} is said to be copied but {footage.path!r} leads out of the project"
            )
        return path

    # ---- writing

    def change_project(self, change: Callable[[Project], Project]) -> Project:
        with self.lock("project"):
            return self._write(self.folder / "project.json", change(self.project()))

    def add_footage(self, make: Callable[[str], Footage], copied: str | None = None) -> Footage:
        """A new record of footage.

        Args:
            make: is given the footage's name, which nothing in footage/ has.
            copied: suffix of what `make` copies to footage/ under that name. Without its record no copy stays, whatever
                happens.
        """
        folder = self.folder / "footage"
        with self.lock("footage"):
            name = following("a", (path.name.split(".")[0] for path in folder.glob("a[0-9]*")))
            copy, mark = folder / f"{name}{copied}", beside(folder / f"{name}{COPY}")
            try:
                if copied is not None:
                    mark.write_text(copy.name)
                    sync(mark)
                return self._write(folder / f"{name}.json", make(name))
            except BaseException:
                if copied is not None:
                    remove(copy)
                raise
            finally:
                mark.unlink(missing_ok=True)

    def change_footage(self, name: str, change: Callable[[Footage], Footage]) -> Footage:
        with self.lock("footage"):
            return self._write(self.folder / "footage" / f"{name}.json", change(self.footage(name)))

    @contextmanager
    def cutting(self, patience: float | None = None) -> Iterator[None]:
        """Held while shots are made, split or merged: their names and ranges are decided together.

        All that is done inside is done, or, where that fails or is killed, undone: by this process, or by whichever opens
        the project next.
        """
        with self.lock("shots", patience):
            self._undo()
            write_json(self._undo_file, {"shots": [shot.plain() for shot in self.shots()]})
            try:
                yield
            except BaseException:
                with suppress(OSError, StudioError):  # on a full disk: then it is done later
                    self._undo()
                raise
            self._undone()

    @property
    def _undo_file(self) -> Path:
        return self.folder / "shots" / UNDO

    def _undo(self) -> None:
        """Give every shot the range that it had before a cut that was not finished. Inside `cutting`."""
        if not self._undo_file.exists():
            return
        try:
            kept = read_json(self._inside(self._undo_file))["shots"]
            before = {shot.id: shot for shot in map(Shot.model_validate, kept)}
        except (ProjectError, KeyError, TypeError, ValueError):
            raise ProjectError(f"{self._undo_file} is damaged; look at what `v2v shots` lists, and remove it") from None
        for folder in (self.folder / "shots").glob("sh*"):
            if is_name("shot", folder.name) and folder.name not in before and not worked_on(folder):
                shutil.rmtree(folder)
        for shot in before.values():
            if (self._shot(shot.id) / "shot.json").exists():
                self.change_shot(shot.id, partial(as_before, shot))
            else:
                self.add_shot(shot)
        self._undone()

    def _undone(self) -> None:
        self._undo_file.unlink()
        sync(self._undo_file.parent)

    def add_shot(self, shot: Shot) -> Shot:
        """Inside `cutting`."""
        folder = self._shot(shot.id)
        folder.mkdir(exist_ok=True)  # no parents: a shared folder may just have been lost
        for name in ("firstframes", "takes"):
            (folder / name).mkdir(exist_ok=True)
        return self._write(folder / "shot.json", shot)

    def change_shot(self, name: str, change: Callable[[Shot], Shot]) -> Shot:
        with self.lock(f"shot-{checked('shot', name)}"):
            return self._write(self._shot(name) / "shot.json", change(self.shot(name)))

    def write_control(self, shot: str, control: Control) -> Control:
        """In place of the one before."""
        self.shot(shot)
        with self.lock(f"control-{shot}"):
            return self._write(self.control_file(shot), control)

    def draw(self, shot: str, control: Control, brush: bytes | None, since: str) -> Control | None:
        """Replace all that is drawn on a shot, numbers and brush together. None where that leaves nothing drawn.

        Args:
            brush: a PNG; whatever `control` names as its brush is replaced by it.
            since: the `drawing` that the new one was made of.

        Raises:
            UsageError: someone drew on the shot in the meantime.
        """
        self.shot(shot)
        file = self.control_file(shot)
        with self.lock(f"control-{shot}"):
            if self.drawing(shot) != since:
                raise UsageError(f"{shot} was drawn on elsewhere in the meantime; look at it again, then draw")
            before = self.control(shot)
            name = f"brush-{sha256(brush).hexdigest()[:12]}.png" if brush else None
            if brush and name:
                write_bytes(self._inside(file.with_name(name)), brush)
            made = control.changed(brush=name)
            if made.drags or made.boxes or name or made.model_extra:
                self._write(file, made)
            else:
                file.unlink(missing_ok=True)
                sync(file.parent)
            if before and before.brush and before.brush.startswith("brush-") and before.brush != name:
                self._inside(file.with_name(before.brush)).unlink(missing_ok=True)
            return self.control(shot)

    def drawing(self, shot: str) -> str:
        """The identity of what is drawn on a shot, as it lies: it changes with every change. "" where nothing is."""
        file = self.control_file(shot)
        if not file.exists():
            return ""
        control, digest = self.control(shot), sha256(file.read_bytes())
        brush = self._inside(file.with_name(control.brush)) if control and control.brush else None
        if brush and brush.exists():
            digest.update(brush.read_bytes())
        return digest.hexdigest()

    def change_control(self, shot: str, change: Callable[[Control | None], Control]) -> Control:
        """What is drawn on a shot, changed under its lock; `change` is given None where nothing is drawn yet."""
        self.shot(shot)
        with self.lock(f"control-{shot}"):
            return self._write(self.control_file(shot), change(self.control(shot)))

    def remove_shot(self, name: str) -> None:
        """Inside `cutting`. Refused where there is work in it."""
        with self.lock(f"firstframes-{name}"):
            if self.first_frames(name) or self.takes(name) or self.control(name):
                raise ProjectError(
                    f"shot {name} has first frames, takes or drags and is not removed; disable it instead"
                )
            shutil.rmtree(self._shot(name))

    def add_first_frame(self, record: FirstFrame, write_image: Callable[[Path], None]) -> FirstFrame:
        """Commit a first frame by one rename, and select it on its shot."""
        folder = self._inside(self._shot(record.shot) / "firstframes")
        partial = folder / ".partial"
        with self.lock(f"firstframes-{record.shot}"):
            self.shot(record.shot)  # it may have been removed just now
            shutil.rmtree(partial, ignore_errors=True)  # left by a process that was killed
            partial.mkdir(parents=True)
            write_image(partial / "image.png")
            made = record.changed(id=following("ff", (path.name for path in folder.glob("ff*"))))
            write_json(partial / "firstframe.json", made.plain())
            settle(partial, folder / made.id)
        self.pick(record.shot, [made.id])
        return made

    def pick(self, shot: str, first_frames: Sequence[str]) -> Shot:
        """Choose the first frames that a shot is carried from, in place of those before."""
        first, *further = first_frames
        return self.change_shot(shot, lambda s: s.changed(first_frame=first, further=further))

    def select(self, shot: str, take: str) -> Shot:
        """Choose the take that a shot shows."""
        return self.change_shot(shot, lambda s: s.changed(take=take))

    @contextmanager
    def open_partial(
        self, shot: str, fingerprint: str, patience: float = HANDOVER, stretch: str = ""
    ) -> Iterator[PartialTake]:
        """The take in the making with this fingerprint, new or left by a process that ended, held by this process.

        Args:
            patience: seconds to wait for another process to let go of it.
            stretch: of the take, made apart from the rest; "" for the take itself.

        Raises:
            UnderWay: another process is rendering it.
        """
        busy = UnderWay(f"shot {shot} is being rendered this way by another process; see it with: v2v jobs")
        with self.lock(f"partial-{shot}-{fingerprint[:16]}{stretch}", patience, busy):
            folder = self.partial_folder(shot, fingerprint, stretch)
            for path in (folder / "frames", *(path for path in folder.rglob("*") if path.is_symlink())):
                self._inside(path)
            yield PartialTake(folder, self.lock(f"takes-{shot}"))

    def find_take(self, shot: str, fingerprint: str) -> Take | None:
        """The newest take of this fingerprint."""
        return next((take for take in reversed(self.takes(shot)) if take.fingerprint == fingerprint), None)

    def change_review(self, shot: str, take: str, change: Callable[[Review], Review]) -> Review:
        self.take(shot, take)
        with self.lock(f"review-{shot}-{take}"):
            path = self.take_folder(shot, take) / "review.json"
            return self._write(path, change(self.review(shot, take)))

    def partial_folder(self, shot: str, fingerprint: str, stretch: str = "") -> Path:
        """Where a take is in the making, or a stretch of it."""
        return self._shot(shot) / "takes" / f".partial-{fingerprint[:16]}{stretch}"

    def partial_frames(self, shot: str, fingerprint: str) -> int:
        """How many frames an unfinished render of this fingerprint has left."""
        return len(list((self.partial_folder(shot, fingerprint) / "frames").glob("*.png")))

    def write_scores(self, footage: str, scores: list[float]) -> str:
        """Keep a detector's curve beside the footage's record; returns its path in the project."""
        path = self.folder / "footage" / f"{checked('footage', footage)}.scores.json"
        write_json(path, {"schema": "v2v.scores/1", "scores": scores})
        return path.relative_to(self.folder).as_posix()

    def scores(self, footage: str) -> list[float]:
        """A detector's curve, one value a frame. Empty where none was kept."""
        path = self._inside(self.folder / "footage" / f"{checked('footage', footage)}.scores.json")
        return read_json(path).get("scores", []) if path.exists() else []

    def write_edit(self, name: str, timeline: str) -> Path:
        """Replace `edits/<name>.otio`."""
        path = self._inside(self.folder / "edits" / f"{checked('edit', name)}.otio")
        with self.lock(f"edit-{name}"):
            write_bytes(path, (timeline + "\n").encode())
        return path

    def add_job(self, job: Job) -> Job:
        """Queue a job under the next free name."""
        with self.lock("jobs"):
            return self.write_job(
                job.changed(id=following("j", (path.stem for path in (self.folder / "jobs").glob("j*"))))
            )

    def write_job(self, job: Job) -> Job:
        return self._write(self.folder / "jobs" / f"{checked('job', job.id)}.json", job)

    def change_job(self, name: str, change: Callable[[Job], Job]) -> Job:
        with self.lock(f"job-{checked('job', name)}"):
            return self.write_job(change(self.job(name)))

    def job(self, name: str) -> Job:
        return self._read(self.folder / "jobs" / f"{checked('job', name)}.json", Job, "job", name)

    def job_log(self, name: str) -> Path:
        """Where what a job says is kept."""
        return self._inside(self.folder / "jobs" / f"{checked('job', name)}.log")

    def remove_take(self, shot: str, name: str) -> None:
        """Delete a take: out of sight by one rename first, so that a kill leaves the whole of it or nothing."""
        folder = self.take_folder(shot, name)
        trash = folder.with_name(f"{TRASH}{name}")
        with self.lock(f"takes-{shot}"):
            shutil.rmtree(trash, ignore_errors=True)
            os.rename(folder, trash)
            sync(folder.parent)
        shutil.rmtree(trash, ignore_errors=True)

    # ---- how

    @contextmanager
    def lock(self, name: str, patience: float | None = None, busy: StudioError | None = None) -> Iterator[None]:
        """Hold a lock between processes, freed by the system when its holder ends, however it ends.

        Raises:
            StudioError: `busy`, where another holds it and does not let go within `patience` seconds.
        """
        locks = self.folder / ".locks"
        locks.mkdir(exist_ok=True)
        lock = FileLock(self._inside(locks / f"{name}.lock"), timeout=PATIENCE if patience is None else patience)
        try:
            lock.acquire()
        except Timeout:
            stuck = f"another process has held '{name}' of {self.folder.name} for long; end it, then try again"
            raise busy or StudioError(stuck) from None
        try:
            yield
        finally:
            lock.release()

    def cache(self, *parts: str) -> Path:
        """A place in the cache. ProjectError where a link on the way leads out of the project."""
        return self._inside(self.folder.joinpath("cache", *parts))

    def _shot(self, name: str) -> Path:
        return self._inside(self.folder / "shots" / checked("shot", name))

    def _inside(self, path: Path) -> Path:
        """The path, once it is sure that no link on the way leads out of the project, and that it is no pipe."""
        if not path.resolve().is_relative_to(self.folder):
            raise ProjectError(f"{path} is a link that leads out of the project; remove it")
        if path.exists() and not (path.is_file() or path.is_dir()):  # to open it would be to wait for ever
            raise ProjectError(f"{path} is neither a file nor a folder; remove it")
        return path

    def _read(self, path: Path, model: type[Kept], kind: Kind | None = None, name: str = "") -> Kept:
        if not self._inside(path).is_file():
            raise UsageError(
                f"there is no {kind or path.stem} '{name}' in {self.folder.name}; list what there is with: v2v status"
            )
        record = upgraded(read_json(path), model.SCHEMA, str(path))
        try:
            read = model.model_validate(record)
        except ValueError as error:
            first = error.errors()[0] if hasattr(error, "errors") else {"loc": (), "msg": str(error)}
            where = ".".join(str(part) for part in first["loc"])
            raise ProjectError(
                f"{path}: '{where}' is wrong ({first['msg']}); correct it, or restore it from a backup"
            ) from None
        if name and getattr(read, "id", name) != name.rpartition("/")[2]:
            raise ProjectError(f"{path} says that it is {kind} '{read.id}'; correct its id, or its place")  # type: ignore[attr-defined]
        return read

    def _write(self, path: Path, record: Kept) -> Kept:
        write_json(self._inside(path), record.plain())
        return record


def worked_on(folder: Path) -> bool:
    """Whether a shot's folder holds anything but its record."""
    visible = (path for path in folder.rglob("*") if not path.name.startswith("."))
    return any(path.is_file() and path.name != "shot.json" for path in visible)


def as_before(before: Shot, shot: Shot) -> Shot:
    """A shot with the range that it had, and put aside only if it was; whatever else was changed in it stays."""
    aside = before.status == "omit", shot.status == "omit"
    words = {"status": before.status, "note": before.note} if aside[0] != aside[1] else {}
    return shot.changed(start=before.start, end=before.end, usable=before.usable, **words)
