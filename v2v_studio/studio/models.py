"""Models: listed, fetched, verified, converted, removed. They belong to the machine, not to a project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from filelock import FileLock, Timeout

from v2v_studio.errors import MissingError, StudioError, UsageError
from v2v_studio.models.convert import Converted
from v2v_studio.models.convert import convert as convert_file
from v2v_studio.models.fetch import Plan, fetch, intact, known, place, plan, staging
from v2v_studio.models.manifest import manifest
from v2v_studio.models.params import INSIDE
from v2v_studio.models.record import read_record
from v2v_studio.models.verify import Check, verify
from v2v_studio.models.weights import SUFFIXES, absent, find, folder_name, folders, locate
from v2v_studio.studio.desk import Tell, silent

RELEASES = {  # models whose release is converted as a whole -> the module that does it
    "motion-i2v": "v2v_studio.models.motion_i2v.release",
    "smcd": "v2v_studio.models.smcd.release",
}
RENAMED = {"pytorch_model.bin": "model.safetensors"}  # what transformers looks for


def model_rows() -> list[dict[str, object]]:
    """Every model of the manifest, then whatever else lies where models lie."""
    rows: list[dict[str, object]] = []
    for name, model in manifest().items():
        where = None if model.unavailable else find(name)
        rows.append(
            {
                "name": name,
                "title": model.title,
                "for": list(model.use),
                "size": model.size,
                "size is": model.size_is,
                "licence": model.licence,
                "gated": model.gated,
                "repository": model.repository,
                "revision": model.revision,
                "where": str(where) if where else None,
                "begun": bytes_in(staging(place(name))) if where is None else 0,
                "unavailable": model.unavailable,
            }
        )
    return rows + [own_row(path) for path in own_models()]


def own_models() -> list[Path]:
    """Files and folders where models lie that the manifest does not name."""
    named = {folder_name(name) for name in manifest()}
    there = [path for folder in folders() if folder.is_dir() for path in sorted(folder.glob("[!.]*"))]
    return [path for path in there if model_name(path) not in named and (path.is_dir() or path.suffix in SUFFIXES)]


def own_row(path: Path) -> dict[str, object]:
    record = read_record(path) if path.is_dir() else None
    return {
        "name": record.name if record else model_name(path),
        "title": path.name,
        "for": [],
        "size": bytes_in(path),
        "size is": "on disk",
        "licence": record.licence if record else "unknown",
        "gated": False,
        "repository": record.source if record else None,
        "revision": record.revision if record else None,
        "where": str(path),
        "begun": 0,
        "unavailable": None,
    }


def model_name(path: Path) -> str:
    """The name by which a file or a folder is found."""
    return path.name if path.is_dir() else path.stem


def bytes_in(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; 0 where there is none."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def fetch_model(name: str, confirm: Callable[[Plan], None], on_progress: Tell = silent) -> tuple[Path, bool]:
    """A model onto this machine; where it is then, and whether anything was fetched.

    Args:
        confirm: is shown what would be fetched and raises to stop it. It is not asked where there is nothing to fetch.

    Raises:
        MissingError, ResourceError, StudioError: see `v2v_studio.models.fetch`.
    """
    there = intact(name)
    if there:
        return there, False
    planned = plan(name)
    confirm(planned)
    return fetch(planned, on_progress), True


def verify_models(names: Iterable[str], on_progress: Tell = silent) -> list[Check]:
    """Each model's files held against what is known of them; all that were fetched where no name is given."""
    return [verify(name, on_progress) for name in names or fetched()]


def fetched() -> list[str]:
    """Names of the models that were fetched into our folder."""
    home = folders()[0]
    records = [read_record(path) for path in sorted(home.glob("[!.]*")) if path.is_dir()] if home.is_dir() else []
    return [record.name for record in records if record]


def convert_model(path: Path, target: Path | None = None) -> Converted:
    """A .bin, .ckpt, .pt or .pth as safetensors, beside it where no target is given. The source stays.

    Raises:
        UsageError: it is a model's name; that model is used as it was fetched.
        MissingError: it cannot be converted, with the reason; nothing in it is ever run.
        StudioError: the target is there already.
    """
    if str(path) in manifest() and not path.exists():
        raise UsageError(f"{path} is used as it was fetched; to convert one file of it, give the file's path")
    target = target or path.with_name(RENAMED.get(path.name, f"{path.stem}.safetensors"))
    if target.exists():
        raise StudioError(f"{target} is there already; remove it, or name another with --out")
    return convert_file(path, target)


def convert_release(name: str, folder: Path | None, on_part: Callable[[str, int], None]) -> Path:
    """A model's release made into folders that open at once, where models lie; where that is then.

    Args:
        name: one of RELEASES.
        folder: the release; the one that was fetched where None.
        on_part: told each part's name and number of tensors.

    Raises:
        UsageError: it is converted already.
        MissingError: the release is not here, or a file of it does not fit; every name that does not is listed.
    """
    target = place(name) / INSIDE
    release = import_module(RELEASES[name])  # here: it takes seconds
    release.convert_release(folder or locate(name), target, lambda saved: on_part(saved.name, saved.tensors))
    return target


def removable(name: str) -> tuple[list[Path], int]:
    """What removing a model deletes, and how many bytes that frees. Only what was fetched is ever deleted.

    Raises:
        MissingError: it is not here.
        StudioError: it was not fetched by us, so it is not ours to delete.
    """
    known(name)
    home = place(name)
    ours = [path for path in (home if read_record(home) else None, staging(home)) if path and path.is_dir()]
    if not ours:
        where = find(name)
        if where is None:
            raise MissingError(absent(name))
        raise StudioError(f"{name} was not fetched by this program; remove {where} yourself if nothing else uses it")
    return ours, sum(map(bytes_in, ours))


def remove_model(name: str) -> int:
    """Delete what was fetched of a model, and return the bytes that frees. Raises as `removable`."""
    ours, freed = removable(name)
    home = place(name)
    try:
        with FileLock(home.with_name(f".{home.name}.lock"), timeout=0):
            for path in ours:
                gone = path.with_name(f".{home.name}.removing")
                os.replace(path, gone)  # not found any more before the first file goes
                shutil.rmtree(gone)
    except Timeout:
        raise StudioError(f"another process is fetching {name}; wait for it, or stop it") from None
    return freed
