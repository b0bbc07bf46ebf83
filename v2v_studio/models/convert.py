"""Pickled checkpoints into safetensors: tensors alone are read, and no code in the file runs."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v2v_studio.errors import MissingError, ResourceError, UsageError
from v2v_studio.fingerprint import file_digest
from v2v_studio.parts import beside, settle

PICKLED = (".bin", ".ckpt", ".pt", ".pth")
WRAPPERS = (
    "state_dict",
    "model",
    "params_ema",
    "params",
)  # where trainers keep a network; the first that is there counts


@dataclass(frozen=True)
class Converted:
    """What became of a checkpoint.

    source_sha256, target_sha256: hex digests of the two files.
    tensors: how many were written, each under its name in the source.
    unwrapped: the keys that led to them, outermost first; () where they lay at the top.
    left_out: dotted keys of what is no tensor, or belongs to another part of the checkpoint.
    """

    source: Path
    target: Path
    source_sha256: str
    target_sha256: str
    tensors: int
    unwrapped: tuple[str, ...]
    left_out: tuple[str, ...]


def convert(path: Path, target: Path) -> Converted:
    """Write a pickled checkpoint's tensors as safetensors, with both digests.

    The new file's metadata holds `source_sha256` and, as no file can hold its own digest, `tensors_sha256`: the sha256
    of everything behind its header. The same source gives the same bytes.

    Args:
        path: a .bin, .ckpt, .pt or .pth file.
        target: the .safetensors file to write; it must not exist.

    Raises:
        UsageError: a name is wrong.
        MissingError: the file holds no network, is damaged, or asks for code to be run.
        ResourceError: the target cannot be written.
    """
    _check_names(path, target)
    tensors, unwrapped, left_out = _network(_read(path), path)
    source_sha256 = file_digest(path)
    _write(_separate(tensors, path), {"format": "pt", "source_sha256": source_sha256}, target)
    return Converted(path, target, source_sha256, file_digest(target), len(tensors), unwrapped, left_out)


def tensors(path: Path) -> dict[str, Any]:
    """The tensors of a pickled checkpoint by name, out of their wrappers; left on the disk where its form allows.

    Raises:
        MissingError: the file holds no network, is damaged, or asks for code to be run.
    """
    return _network(_read(path), path)[0]


def _check_names(path: Path, target: Path) -> None:
    if path.suffix == ".safetensors":
        raise UsageError(f"{path} is safetensors already; use it as it is")
    if path.suffix not in PICKLED:
        raise UsageError(f"{path} is no pickled checkpoint by its name; {', '.join(PICKLED)} can be converted")
    if not path.is_file():
        raise UsageError(f"there is no file {path}; give the checkpoint's path")
    if target.suffix != ".safetensors":
        raise UsageError(f"{target} must end in .safetensors")
    if target.exists():
        raise UsageError(f"{target} exists already; delete it or choose another name")


def _read(path: Path) -> Any:
    """What a checkpoint holds, by torch's reader that builds tensors and plain containers and nothing else."""
    import torch

    with open(path, "rb") as file:
        head = file.read(8)
    packed = zipfile.is_zipfile(path)
    if not head:
        raise MissingError(f"{path} is empty; fetch it again")
    if head.startswith(b"PK") and not packed:
        raise MissingError(f"{path} is cut off: the end of its archive is missing; fetch it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses aloud about the format before it refuses
            return torch.load(path, map_location="cpu", weights_only=True, mmap=packed)
    except Exception as error:  # a damaged file makes the reader fail in any way
        raise MissingError(f"{path} was not converted: {_reason(str(error), head)}") from error


def _reason(message: str, head: bytes) -> str:
    """The reader's message of many lines as one clause."""
    if named := re.search(r"(?:GLOBAL|Unsupported class) (\S+)", message):
        return f"it asks for {named[1]}, which is code and no tensor; nothing in it was run"
    if "TorchScript" in message:
        return "it is a TorchScript program and no list of tensors; nothing in it was run"
    if "EOF" in message or not message:
        return "its end is missing; fetch it again"
    if not head.startswith((b"\x80", b"PK")):
        return "it is no checkpoint; fetch it again, for a page of text is often saved in its place"
    return f"it holds what torch's reader of plain tensors does not take ({_detail(message)}); nothing in it was run"


def _detail(message: str) -> str:
    found = re.search(r"Unsupported operand \d+", message)
    return found[0] if found else message.strip().splitlines()[0]


def _network(held: Any, path: Path) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """The mapping of names to tensors inside a checkpoint, the keys that lead to it, and the keys of all else."""
    import torch

    unwrapped: list[str] = []
    left_out: list[str] = []
    while isinstance(held, Mapping):
        tensors = {
            key: value for key, value in held.items() if isinstance(key, str) and isinstance(value, torch.Tensor)
        }
        inner = None if tensors else _wrapped(held, path)
        left_out += [".".join([*unwrapped, str(key)]) for key in held if key not in tensors and key != inner]
        if tensors:
            return tensors, tuple(unwrapped), tuple(left_out)
        if inner is None:
            break
        unwrapped.append(inner)
        held = held[inner]
    raise MissingError(f"{path} was not converted: it holds no tensors with names, so it is no network's weights")


def _wrapped(held: Mapping[str, Any], path: Path) -> str | None:
    """The key under which a checkpoint without tensors of its own keeps the network; None where there is none."""
    inside = [key for key, value in held.items() if isinstance(key, str) and isinstance(value, Mapping) and value]
    known = [key for key in WRAPPERS if key in inside]
    if not known and len(inside) > 1:
        raise MissingError(
            f"{path} was not converted: it holds several things ({', '.join(inside)}) and none is called "
            f"{' or '.join(WRAPPERS)}, so the network cannot be told; save the one you want on its own"
        )
    return next(iter(known or inside), None)


def _separate(tensors: dict[str, Any], path: Path) -> dict[str, Any]:
    """Contiguous tensors, none sharing memory with another: what safetensors asks for."""
    import torch

    taken: set[int] = set()
    separate = {}
    for name, tensor in tensors.items():
        if tensor.layout != torch.strided or tensor.is_quantized:
            raise MissingError(
                f"{path} was not converted: its tensor {name} is sparse or quantized, which safetensors cannot hold"
            )
        own = tensor.detach().contiguous()
        if own.untyped_storage().data_ptr() in taken:
            own = own.clone()
        taken.add(own.untyped_storage().data_ptr())
        separate[name] = own
    return separate


def _write(tensors: dict[str, Any], metadata: dict[str, str], target: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    part = beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, part, metadata | {"tensors_sha256": "0" * 64})
        _seal(part)
        settle(part, target)
    except (OSError, SafetensorError) as error:
        raise ResourceError(f"{target} cannot be written ({error}); free some disk or choose another folder") from error
    finally:
        part.unlink(missing_ok=True)


def _seal(path: Path) -> None:
    """Put the digest of the tensors into the header, which keeps its length; the library orders metadata at random, so
    that is sorted too."""
    with open(path, "r+b") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        metadata = header["__metadata__"] | {"tensors_sha256": hashlib.file_digest(file, "sha256").hexdigest()}
        header["__metadata__"] = dict(sorted(metadata.items()))
        file.seek(8)
        file.write(json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(size))
