"""A model from the hub onto this machine: planned first, so that it can be confirmed, then fetched as a whole.

It grows in `.NAME.fetching` beside its place and is renamed once every file is there and checked: half a model is never
found.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from v2v_studio.errors import MissingError, ResourceError, StudioError
from v2v_studio.models.download import Remote, arrived, download, matching_digest
from v2v_studio.models.hub import is_offline, source
from v2v_studio.models.manifest import Model, manifest
from v2v_studio.models.record import File, Record, Tell, differences, read_record, write_record
from v2v_studio.models.weights import REPOSITORY, absent, find, folder_name, folders
from v2v_studio.parts import PART, settle


@dataclass(frozen=True)
class Plan:
    """A download that was not started yet.

    Attributes:
        source: the repository, or torchvision's name.
        revision: the commit that will be fetched.
        folder: where the model will lie.
        left: bytes still to come; less than `size` where an earlier attempt broke off.
        free: bytes free on that disk.
    """

    name: str
    title: str
    source: str
    revision: str | None
    licence: str
    gated: bool
    folder: Path
    files: tuple[Remote, ...]
    left: int
    free: int

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def known(name: str) -> Model:
    """The model of a name, of a repository "owner/name", or of one's own. MissingError where it is none, or is of no use."""
    model = manifest().get(name)
    if model is None:
        if REPOSITORY.fullmatch(name):
            return Model(name=name, title=name, use=(), repository=name)
        record = read_record(place(name))
        if record and record.name != name:  # its folder is named, "owner--name"
            return known(record.name)
        if find(name) is None:
            raise MissingError(absent(name))
        return Model(name=name, title=name, use=())
    if model.unavailable:
        raise MissingError(f"{name} cannot be used: {model.unavailable}")
    return model


def intact(name: str) -> Path | None:
    """Where a model is, if nothing has to be fetched: what was fetched before is read and held against its record."""
    model, home = known(name), place(name)
    record = read_record(home)
    if record is None:
        return find(name)
    current = model.revision in (None, record.revision)
    return find(name) if current and not differences(home, record.files) else None


def plan(name: str, endpoint: str | None = None) -> Plan:
    """What a fetch would bring. Asks the hub, and brings nothing yet.

    Args:
        name: of the manifest, or a repository "owner/name".
        endpoint: of the hub; HF_ENDPOINT where not given.

    Raises:
        MissingError: there is no such model, it cannot be had, or the network is not to be used.
        ResourceError: it does not fit on the disk.
        StudioError: the hub cannot be reached.
    """
    model, home = known(name), place(name)
    if is_offline():
        raise MissingError(
            f"{name} is not {'whole' if home.is_dir() else 'on this machine'} and the network is not to be used (--offline "
            f"or HF_HUB_OFFLINE); leave that out, or bring the files from another machine into {home}"
        )
    record = read_record(home)
    if home.is_dir() and record is None:
        raise StudioError(f"{home} is there, but was not fetched by this program and is not whole; move it away first")
    if model.revision is None and record is not None:
        model = model.model_copy(update={"revision": record.revision})  # to mend it, not to change it
    found, growing = source(model, endpoint), staging(home)
    before = home if home.is_dir() else growing
    here = (max(arrived(before / file.path), arrived(before / file.part)) for file in found.files)
    left = sum(max(file.size - have, 0) for file, have in zip(found.files, here, strict=True))
    free = free_space(home)
    if left > free:
        raise ResourceError(
            f"{name} needs {in_words(left)} and {in_words(free)} are free for {home.parent}; make room, or name a folder on "
            "a larger disk in V2V_MODELS"
        )
    licence = model.licence if name in manifest() else found.licence or "none stated"
    return Plan(name, model.title, found.origin, found.revision, licence, found.gated, home, found.files, left, free)


def fetch(plan: Plan, tell: Tell = lambda done, total: None) -> Path:
    """Carry out a plan: what is there and right is kept, the rest is fetched. Returns what `locate` then finds.

    Args:
        tell: is given bytes there, and bytes in all.

    Raises:
        StudioError: another process is fetching it, or a file does not come or is not what it should be.
        ResourceError, MissingError: see `download`.
    """
    home, growing = plan.folder, staging(plan.folder)
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home.with_name(f".{home.name}.lock"), timeout=0):
            if home.is_dir():  # to be mended; until then it is not found
                shutil.rmtree(growing, ignore_errors=True)
                os.replace(home, growing)
            record = _filled(plan, growing, tell)
            _drop_left_over(growing, record)
            write_record(growing, record)
            settle(growing, home)
    except Timeout:
        raise StudioError(f"another process is fetching {plan.name}; wait for it, or stop it") from None
    return find(plan.name) or home


def place(name: str) -> Path:
    """Where a fetched model lies."""
    return folders()[0] / folder_name(name)


def staging(home: Path) -> Path:
    """Where a model grows."""
    return home.with_name(f".{home.name}.fetching")


def free_space(path: Path) -> int:
    """Bytes free for a folder that may not be there yet."""
    return shutil.disk_usage(next(p for p in (path, *path.parents) if p.is_dir())).free


def in_words(count: int) -> str:
    """Bytes for reading."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _filled(plan: Plan, folder: Path, tell: Tell) -> Record:
    files, before = {}, 0
    for remote in plan.files:
        digest = matching_digest(folder / remote.path, remote) or download(
            remote,
            folder,
            lambda have, before=before: tell(before + have, plan.size),  # type: ignore[misc]
        )
        files[remote.path] = File(size=remote.size, sha256=digest)
        before += remote.size
        tell(before, plan.size)
    return Record(name=plan.name, source=plan.source, revision=plan.revision, licence=plan.licence, files=files)


def _drop_left_over(folder: Path, record: Record) -> None:
    """Parts, and what an earlier revision had. What users put beside stays, such as what they converted."""
    before = read_record(folder)
    for path in set(before.files if before else ()) - set(record.files):
        (folder / path).unlink(missing_ok=True)
    for part in folder.rglob(f"*{PART}"):
        part.unlink()
