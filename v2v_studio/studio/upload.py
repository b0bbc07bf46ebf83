"""Upload: files that come in pieces, from someone who is not trusted with names or sizes."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from v2v_studio.errors import ResourceError, UsageError
from v2v_studio.media.frames import PICTURE_SUFFIXES
from v2v_studio.parts import PART, settle
from v2v_studio.project.records import Footage
from v2v_studio.studio.ingest import VIDEO_SUFFIXES, Ingesting

LIMIT = 16 * 10**9  # bytes: an hour of footage from a camera
MOST = 80  # characters of a name that are kept


class Incoming:
    """A file that comes in pieces.

    Attributes:
        path: where it lies, once it is whole.
    """

    path: Path

    def __init__(self, file: BinaryIO, name: str, limit: int) -> None:
        self._file, self._name, self._limit, self.bytes = file, name, limit, 0

    def write(self, piece: bytes) -> None:
        """ResourceError where it grows beyond its limit."""
        self.bytes += len(piece)
        if self.bytes > self._limit:
            raise ResourceError(
                f"{self._name} is larger than the {self._limit / 1e6:g} MB that may be uploaded; "
                "copy it to this machine and add it by its path"
            )
        self._file.write(piece)


class Uploading(Ingesting):
    """The way in for pages."""

    def upload(self, name: str, pieces: Iterable[bytes], limit: int = LIMIT) -> Footage:
        """Take in footage that comes in pieces: written to the project's footage folder as it comes, then ingested.

        Args:
            name: as the sender calls it; only what is harmless of it is kept.
            limit: bytes.

        Raises:
            ResourceError: it is larger. UsageError: nothing of it, or no name of a video or a picture.
            MediaError: it cannot be used as footage. In each case nothing of it is left.
        """
        with self.receiving(name, limit) as incoming:
            for piece in pieces:
                incoming.write(piece)
        return self.take_in(incoming.path)

    @contextmanager
    def receiving(self, name: str, limit: int = LIMIT, inside: str = "footage") -> Iterator[Incoming]:
        """A file of the project that grows piece by piece while the block lasts; there when it ends well, else gone.

        Args:
            inside: the folder of the project, such as cache/uploads for a painted frame.

        Raises:
            ResourceError: more than `limit` bytes. UsageError: not one byte, or no name of a video or a picture.
        """
        harmless, folder = harmless_name(name), self.store.folder / inside
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{threading.get_ident()}-{harmless}.{os.getpid()}{PART}"
        try:
            with open(part, "xb") as file:
                incoming = Incoming(file, harmless, limit)
                yield incoming
            if not incoming.bytes:
                raise UsageError(f"{harmless} is empty; choose a video or a picture")
            with self.store.lock("upload"):
                incoming.path = free(folder / harmless)
                settle(part, incoming.path)
        finally:
            part.unlink(missing_ok=True)

    def take_in(self, file: Path) -> Footage:
        """Ingest a file that was received. It is removed where it is no footage, or footage that the project has."""
        try:
            (footage,) = self.ingest([file])
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        if self.store.media_path(footage).resolve() != file.resolve():
            file.unlink()
        return footage


def harmless_name(name: str) -> str:
    """A file name of letters, digits, dots, dashes and underscores, whatever was asked for.

    Example:
        >>> harmless_name("../../My clip (1).MP4")
        'My-clip-1.mp4'

    Raises:
        UsageError: it is not the name of a video or a picture.
    """
    last = re.split(r"[/\\\0]", name)[-1]
    stem, suffix = Path(last).stem, Path(last).suffix.lower()
    if suffix not in VIDEO_SUFFIXES and suffix not in PICTURE_SUFFIXES:
        known = ", ".join(sorted((*VIDEO_SUFFIXES, *PICTURE_SUFFIXES)))
        raise UsageError(f"{last!r} is not the name of a video or a picture; they end in {known}")
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", stem).strip("-_")[:MOST]
    return f"{plain or 'upload'}{suffix}"


def free(path: Path) -> Path:
    """The path, or with a number after its name where it is taken."""
    number = 1
    while (free := path if number == 1 else path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return free
