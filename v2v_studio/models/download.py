"""One file over HTTP: streamed, resumed where it broke off, held against its digest, and only then put in place.

The hub's own library neither resumes in a new process nor checks digests.
"""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import get_session
from huggingface_hub.errors import HTTPError

from v2v_studio.errors import MissingError, ResourceError, StudioError
from v2v_studio.fingerprint import file_digest
from v2v_studio.parts import PART, settle

PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds before each further attempt; what comes in between starts them anew
PATIENCE = 30.0  # seconds without a byte before a connection counts as broken


@dataclass(frozen=True)
class Remote:
    """A file to fetch.

    Attributes:
        path: where it belongs in the model's folder, with "/".
        size: bytes.
        sha256: hex digest, or its first digits where no more is known.
        blob: git's name of the content (SHA-1), which the hub tells of small files instead.
        headers: sent along, such as a login.
    """

    path: str
    url: str
    size: int
    sha256: str | None = None
    blob: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def part(self) -> str:
        """The path of what has come so far. Another content has another name, so the two never mix."""
        return f"{self.path}.{(self.sha256 or self.blob or str(self.size))[:8]}{PART}"


class Broken(Exception):
    """A connection that broke, or a server that is busy: worth another attempt."""


def download(remote: Remote, folder: Path, tell: Callable[[int], None]) -> str:
    """Fetch a file into a folder and return its sha256. What an earlier attempt left is gone on from.

    Args:
        tell: is given the bytes there so far.

    Raises:
        MissingError: the server does not have it, or does not give it.
        ResourceError: the disk is full.
        StudioError: the connection breaks again and again, or the bytes are not those that were announced. In the first
            case what has come is kept, in the second it is removed.
    """
    target, part = folder / remote.path, folder / remote.part
    part.parent.mkdir(parents=True, exist_ok=True)
    failures = 0
    while True:
        before = arrived(part)
        try:
            _transfer(remote, part, tell)
            break
        except Broken as error:
            failures = 0 if arrived(part) > before else failures + 1
            if failures > len(PAUSES):
                raise StudioError(
                    f"{remote.path} broke off after {arrived(part)} of {remote.size} bytes ({error}); they are kept: run "
                    "the same command again to go on"
                ) from None
            time.sleep(PAUSES[max(failures - 1, 0)] if PAUSES else 0)
    digest = matching_digest(part, remote)
    if digest is None:
        part.unlink()
        raise StudioError(
            f"{remote.path} arrived with other bytes than were announced (its digest differs), so it was removed; fetch it "
            "again, and if it stays so, ask its makers"
        )
    settle(part, target)
    return digest


def arrived(part: Path) -> int:
    """Bytes of a file that may not be there."""
    return part.stat().st_size if part.is_file() else 0


def matching_digest(path: Path, remote: Remote) -> str | None:
    """The sha256 of a file, if it is the one that is meant; None if it is not."""
    if not path.is_file() or path.stat().st_size != remote.size:
        return None
    digest = file_digest(path)
    if remote.sha256:
        return digest if digest.startswith(remote.sha256) else None
    blob = hashlib.sha1(b"blob %d\0" % remote.size + path.read_bytes()).hexdigest() if remote.blob else None
    return digest if blob == remote.blob else None


def _transfer(remote: Remote, part: Path, tell: Callable[[int], None]) -> None:
    """Add to the part until it is whole. Broken where it does not become so."""
    if arrived(part) > remote.size:
        part.unlink()
    have = arrived(part)
    if have == remote.size and part.exists():
        return
    headers = {**remote.headers, "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with get_session().stream("GET", remote.url, headers=headers, timeout=PATIENCE) as response:
            _refuse(response.status_code, remote)
            with open(part, "ab" if response.status_code == 206 else "wb") as file:
                for piece in response.iter_bytes():  # as they come, so that none is lost when it breaks
                    _write(file.write, piece, remote)
                    tell(file.tell())
    except HTTPError as error:
        raise Broken(str(error) or type(error).__name__) from None
    if arrived(part) < remote.size:
        raise Broken("the server closed the connection")


def _refuse(status: int, remote: Remote) -> None:
    if status in (200, 206):
        return
    if status in (408, 429) or status >= 500:
        raise Broken(f"the server answers {status}")
    if status in (401, 403):
        raise MissingError(
            f"the hub does not give {remote.path} ({status}): accept the model's licence on its page there, then log in "
            "with: hf auth login"
        )
    raise MissingError(f"the hub does not have {remote.path} ({status}); see what it has on the model's page there")


def _write(write: Callable[[bytes], int], piece: bytes, remote: Remote) -> None:
    try:
        write(piece)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ResourceError(
            f"the disk is full; what has come of {remote.path} is kept: make room and run the same command again"
        ) from None
