"""A released folder made into one whose parts open at once: each part with its config, as safetensors; all, or none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import diffusers
import transformers

from v2v_studio.errors import MissingError, ResourceError, UsageError
from v2v_studio.models.checkpoint import unfit
from v2v_studio.parts import beside, settle

Part = tuple[str, Callable[[Path], int]]  # its folder's name, and what writes it there and counts its tensors


@dataclass(frozen=True)
class Saved:
    """A part of the model as it was written: its folder's name, and how many tensors it has."""

    name: str
    tensors: int


def write(target: Path, parts: Iterable[Part], on_part: Callable[[Saved], None]) -> list[Saved]:
    """Write the parts into a folder, which appears when the last is written.

    Raises:
        UsageError: the target exists.
        ResourceError: it cannot be written.
    """
    if target.exists():
        raise UsageError(f"{target} exists already; delete it, or choose another folder")
    silence()
    part = beside(target)
    saved = []
    try:
        for name, save in parts:
            saved.append(Saved(name, save(part / name)))
            on_part(saved[-1])
        settle(part, target)
    except OSError as error:
        raise ResourceError(
            f"{target} cannot be written ({error}); free some disk, or choose another folder"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return saved


def silence() -> None:
    """The libraries' own bars and reports: we say what was written, and what does not fit."""
    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def save(network: Any, to: Path) -> int:
    network.save_pretrained(to)
    return len(network.state_dict())


def copied(folder: Path, to: Path) -> int:
    shutil.copytree(folder, to)
    return 0


def there(path: Path, model: str) -> Path:
    """The path, which the release of this model has.

    Raises:
        MissingError: it is not there.
    """
    if not path.exists():
        raise MissingError(f"there is no {path}, which the release has; fetch it whole: v2v models fetch {model}")
    return path


def read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MissingError(f"{path} is damaged ({error}); fetch it again") from error


def text_encoder(folder: Path, model: str) -> Any:
    """A CLIPTextModel from a folder, every name of its weights checked.

    Raises:
        MissingError: it cannot be read, or names are missing, unexpected or of a wrong shape; every one is listed.
    """
    there(folder / "config.json", model)
    silence()
    loaded: Any
    try:
        loaded = transformers.CLIPTextModel.from_pretrained(
            folder, output_loading_info=True, ignore_mismatched_sizes=True, local_files_only=True
        )
    except OSError as error:
        raise MissingError(f"{folder} cannot be read ({error}); fetch it again: v2v models fetch {model}") from error
    network, info = loaded
    faults = {
        "missing": sorted(info["missing_keys"]),
        "unexpected": sorted(info["unexpected_keys"]),
        "of a wrong shape": [
            f"{name} {tuple(given)} instead of {tuple(own)}" for name, given, own in sorted(info["mismatched_keys"])
        ],
    }
    if any(faults.values()):
        raise MissingError(unfit(str(folder), network, faults))
    return network
