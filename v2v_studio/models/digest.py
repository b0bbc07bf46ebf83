"""The identity of weights: sha256 of a file or a folder, remembered so that gigabytes are read once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from v2v_studio.fingerprint import file_digest, fingerprint
from v2v_studio.project.atomic import write_bytes

COUNTED = (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".json", ".txt", ".model")


def digest(path: Path) -> str:
    """Hex sha256 of a file's bytes; of a folder, that of the names and sha256 of the files in it that a model is read of.

    A file is read again only when its size or its time of change is another.
    """
    if not path.is_dir():
        return _of_file(path)
    files = sorted(
        file for file in path.rglob("*") if file.suffix in COUNTED and file.is_file() and _counts(file, path)
    )
    return fingerprint({file.relative_to(path).as_posix(): _of_file(file) for file in files})


def _counts(file: Path, folder: Path) -> bool:
    """Not what a download left beside the model."""
    inside = file.relative_to(folder)
    return inside.name != "fetched.json" and not any(part.startswith(".") for part in inside.parts)


def _of_file(path: Path) -> str:
    real = path.resolve()
    state = real.stat()
    note = _notes() / fingerprint([str(real), state.st_size, state.st_mtime_ns])
    with suppress(OSError):
        return note.read_text()
    found = file_digest(real)
    with suppress(OSError):  # where nothing can be kept it is read again
        note.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(note, found.encode())
    return found


def _notes() -> Path:
    return Path.home() / ".cache" / "v2v_studio" / "digests"
