"""Files in the making: each stands beside its place as `.NAME.HOST-PID.part`, which tells whether its writer lives.

What is whole is put in its place by one rename, and is synced before it: some disks keep the name first and the content
later, and a power cut between the two would leave an empty file that looks finished.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PART = ".part"
LONG_AGO = 7 * 86400  # seconds; a container's name never comes again
_WRITER = re.compile(rf"\..*\.(?:(?P<host>[A-Za-z0-9-]+)-)?(?P<pid>[0-9]+){re.escape(PART)}")


def beside(path: Path) -> Path:
    """Where this process writes what is to become `path`, by one rename, once it is whole."""
    return path.with_name(f".{path.name}.{host()}-{os.getpid()}{PART}")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write, put in place of `path` where the block ends well and removed where it does not."""
    part = beside(path)
    try:
        yield part
        settle(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def settle(part: Path, path: Path) -> None:
    """Put a finished file or folder in its place: there whole or not at all, and, once this returns, there to stay."""
    sync_all(part)
    os.replace(part, path)
    sync(path.parent)


def sync_all(path: Path) -> None:
    """Make a file, or a folder with all that is in it, survive a power cut."""
    for inside in (*path.rglob("*"), path) if path.is_dir() else (path,):
        if inside.is_file() or inside.is_dir():  # to open a pipe would be to wait for ever
            sync(inside)


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """A file or a folder, gone as far as it can be; nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def passing(name: str, inside: Path) -> TemporaryDirectory[str]:
    """A temporary folder of this process, named so that it is swept where the process is killed."""
    return TemporaryDirectory(prefix=f".{name}-", suffix=f".{host()}-{os.getpid()}{PART}", dir=inside)


def abandoned(part: Path) -> bool:
    """Whether the process that was writing it has ended. Of another machine's nothing is known for a week."""
    writer = _WRITER.fullmatch(part.name)
    if writer is None:
        return False
    try:
        if writer["host"] not in (None, host()):
            return time.time() - part.lstat().st_mtime > LONG_AGO
        os.kill(int(writer["pid"]), 0)
    except (ProcessLookupError, OverflowError):  # no such process, or no such number
        return True
    except OSError:
        return False
    return False


def host() -> str:
    """This machine's name, as it may stand in a file's."""
    return re.sub("[^A-Za-z0-9-]", "-", platform.node())
