"""Where weights lie on this machine: the only code that looks for checkpoints. Nothing is downloaded."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from v2v_studio.errors import MissingError
from v2v_studio.models.manifest import Model, manifest, matching

SUFFIXES = (".safetensors", ".pth", ".ckpt", ".pt", ".bin")  # the first that is there is taken
PLAIN = re.compile(r"[^./\\~\0][^/\\\0]{0,199}")  # a name that a folder can have
REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")


def locate(name: str | Path) -> Path:
    """The file or folder of a model on this machine.

    Args:
        name: a file or a folder, taken as it is; or a name: one of the manifest, one of your own, or a repository
            "owner/name". A name is looked for as `<name>/`, `<name>.safetensors`, `.pth`, `.ckpt`, `.pt` or `.bin` in
            `folders()` ("owner/name" as `owner--name`), then in the hub's cache.

    Raises:
        MissingError: it is nowhere, with the command that fetches it; or it cannot be used at all, with the reason.
    """
    with suppress(OSError):  # too long for a path, so it is none
        if (given := at_home(name)).exists():
            return given
    model = manifest().get(str(name))
    if model is not None and model.unavailable:
        raise MissingError(f"{name} cannot be used: {model.unavailable}")
    found = find(str(name))
    if found is None:
        raise MissingError(absent(str(name)))
    return found


def find(name: str) -> Path | None:
    """Where the model of that name lies, whatever files or folders are called so; None where it is not here."""
    model = manifest().get(name)
    return _in_folders(name, model) or _in_hub_cache(name, model)


def present(name: str | Path) -> bool:
    """Whether `locate` finds it."""
    try:
        locate(name)
    except MissingError:
        return False
    return True


def folders() -> list[Path]:
    """Where models lie: the folder that V2V_MODELS names, then ~/.cache/v2v_studio/models. The first is fetched into."""
    own = os.environ.get("V2V_MODELS")
    return [*([at_home(own)] if own else []), Path.home() / ".cache" / "v2v_studio" / "models"]


def at_home(path: str | Path) -> Path:
    """A path with its ~ written out; as it is where nobody has that home."""
    with suppress(RuntimeError):
        return Path(path).expanduser()
    return Path(path)


def folder_name(name: str) -> str:
    """What the folder of a model is called: "owner/name" is `owner--name`."""
    return name.replace("/", "--")


def absent(name: str) -> str:
    """What to say of a model that is not on this machine."""
    if name in manifest():
        return f"the model '{name}' is not on this machine; fetch it with: v2v models fetch {name}"
    looked = " or ".join(map(str, folders()))
    if REPOSITORY.fullmatch(name) and Path(name).suffix not in SUFFIXES:
        return f"'{name}' is neither a file nor a model in {looked}; fetch it with: v2v models fetch {name}"
    if not PLAIN.fullmatch(name) or Path(name).suffix in SUFFIXES:
        return f"there is no file or folder {name}; correct the path, or choose a model of: v2v models list"
    close = get_close_matches(name, manifest(), n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return (
        f"there is no model '{name}'.{hint} Put {name}.safetensors or a folder {name} into {looked}, or choose one of: "
        "v2v models list"
    )


def _in_folders(name: str, model: Model | None) -> Path | None:
    if not (PLAIN.fullmatch(name) or REPOSITORY.fullmatch(name)):
        return None
    for folder in folders():
        home = folder / folder_name(name)
        if home.is_dir() and (found := _formed(home, model)).exists():
            return found
        for suffix in (*SUFFIXES, *([""] if home.suffix in SUFFIXES else [])):
            if (path := home.with_name(home.name + suffix)).is_file():
                return path
    return None


def _in_hub_cache(name: str, model: Model | None) -> Path | None:
    """The snapshot of the pinned revision, or else of the newest that was ever fetched, if it has what the model needs."""
    repository = model.repository if model else name
    if repository is None or not REPOSITORY.fullmatch(repository):
        return None
    from huggingface_hub import constants

    cached = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    main = cached / "refs" / "main"
    revisions = [model.revision if model else None, main.read_text().strip() if main.is_file() else None]
    for snapshot in (cached / "snapshots" / revision for revision in revisions if revision):
        if snapshot.is_dir() and (model is None or whole(snapshot, model)):
            return _formed(snapshot, model)
    return None


def whole(folder: Path, model: Model) -> bool:
    """Whether every pattern of the model's files matches a file of the folder."""
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return all(matching(pattern, paths) for pattern in model.files)


def _formed(folder: Path, model: Model | None) -> Path:
    return folder / model.files[0] if model and model.form == "file" else folder
