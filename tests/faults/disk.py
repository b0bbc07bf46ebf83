"""A disk that fails at a chosen moment.

Every call that changes what lies below a folder is a moment: creating, writing, syncing, renaming, linking and deleting. A
file's write counts twice, for it can also be torn in half. The fault is named in the environment, `V2V_FAULT=kill@17`, and
armed by `tests.faults.v2v` alone: the studio knows nothing of it.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.partition import POWER, cut_power

VARIABLE = "V2V_FAULT"
CALLS = ("replace", "rename", "link", "unlink", "rmdir", "mkdir")
NEEDS_NO_ROOM = ("unlink", "rmdir", "replace", "rename")
REFUSED = {"full": errno.ENOSPC, "readonly": errno.EROFS, "gone": errno.ESTALE}


@dataclass(frozen=True)
class Fault:
    """What happens, and when.

    Attributes:
        kind: kill (-9); power (the machine's: what was not synced is lost) and power-late (the names of files that were not
            synced are there, and what is in them is lost), both on a `Partition` alone; full (no room from then on);
            readonly (from then on); gone (a shared folder whose server does not answer from then on); unmounted (the folder
            is `away` from then on); count (nothing: how many moments there are).
        moment: from 1; 0 for never.
    """

    kind: str = "count"
    moment: int = 0

    @classmethod
    def named(cls, text: str) -> Fault:
        """`kill@17` as a fault."""
        kind, _, moment = text.partition("@")
        return cls(kind, int(moment or 0))


def away(folder: Path) -> Path:
    """Where a folder is while it is unmounted."""
    return folder.parent / "away" / folder.name


class Disk:
    """The disk below a folder, from `arm` to the end of the process.

    Attributes:
        moments: how many there were so far.
        last: the call of the last one, with the name of its file.
    """

    def __init__(self, folder: Path, fault: Fault) -> None:
        self.folder, self.fault = folder.resolve(), fault
        self.moments, self.last = 0, ""

    def arm(self) -> None:
        import av

        for name in CALLS:
            setattr(os, name, self._watched(name, getattr(os, name)))
        builtins.open = io.open = self._opening(builtins.open)  # type: ignore[assignment]
        os.fsync = self._syncing(os.fsync)
        os.open = self._opening_low(os.open)
        av.open = self._muxing(av.open)  # type: ignore[assignment]

    def strike(self, call: str, path: object, torn: Callable[[], object] | None = None) -> None:
        """A moment.

        Args:
            torn: leaves half of a write on the disk.
        """
        self.moments += 1
        self.last = f"{call} {Path(str(path)).name}"
        kind, due = self.fault.kind, self.moments - self.fault.moment
        if kind == "unmounted" and due == 0:
            away(self.folder).parent.mkdir(exist_ok=True)
            self.folder.rename(away(self.folder))
        if kind in ("kill", *POWER) and due == 0:
            if torn:
                torn()
            if kind in POWER:
                cut_power(self.folder.parent, kind)
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault.moment and due >= 0 and kind in REFUSED:
            if kind == "full" and call in NEEDS_NO_ROOM:
                return
            raise OSError(REFUSED[kind], os.strerror(REFUSED[kind]), path)

    def holds(self, path: object, inside: int | None = None) -> bool:
        """Whether a path lies below the folder, and is no lock."""
        if inside is not None:
            return True  # a deletion inside a folder that is open: only ours are
        if not isinstance(path, str | os.PathLike):
            return False
        whole = Path(path).absolute()
        return self.folder in whole.parents and ".locks" not in whole.parts

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(path: Any, *rest: Any, **options: Any) -> Any:
            if self.holds(rest[0] if name == "link" and rest else path, options.get("dir_fd")):
                if name == "mkdir" and Path(path).is_dir():
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)  # said first by every system
                self.strike(name, path)
            return call(path, *rest, **options)

        return watched

    def _syncing(self, call: Callable[[int], None]) -> Callable[[int], None]:
        def watched(handle: int) -> None:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if self.holds(path):
                self.strike("fsync", path)
            call(handle)

        return watched

    def _opening(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if not (set(mode) & set("wax+") and self.holds(file)):
                return call(file, mode, *rest, **options)
            self.strike("create", file)
            return Written(call(file, mode, *rest, **options), self, file)

        return watched

    def _opening_low(self, call: Callable[..., int]) -> Callable[..., int]:
        """Locks are opened so: where nothing may be written, they cannot be either."""

        def watched(path: Any, flags: int, *rest: Any, **options: Any) -> int:
            refused = self.fault.kind in ("readonly", "gone") and 0 < self.fault.moment <= max(1, self.moments)
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if refused and writes and self.folder in Path(path).absolute().parents:
                raise OSError(REFUSED[self.fault.kind], os.strerror(REFUSED[self.fault.kind]), path)
            return call(path, flags, *rest, **options)

        return watched

    def _muxing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(file: Any, mode: str | None = None, **options: Any) -> Any:
            path = str(file).removeprefix("file:")
            if mode != "w" or not self.holds(path):
                return call(file, mode, **options)
            self.strike("create", path)
            return Muxed(call(file, mode, **options), self, path)

        return watched


class Written:
    """A file that is being written: every write is two moments, before it and in the middle of it."""

    def __init__(self, file: Any, disk: Disk, path: object) -> None:
        self._file, self._disk, self._path = file, disk, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Written:
        return self

    def __exit__(self, *what: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self._file)

    def write(self, data: Any) -> Any:
        self._disk.strike("write", self._path)
        self._disk.strike("tear", self._path, lambda: (self._file.write(data[: len(data) // 2]), self._file.flush()))
        return self._file.write(data)


class Muxed:
    """A video that is being written, packet by packet."""

    def __init__(self, container: Any, disk: Disk, path: str) -> None:
        self._container, self._disk, self._path = container, disk, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def __enter__(self) -> Muxed:
        return self

    def __exit__(self, *what: object) -> None:
        self._container.close()

    def mux(self, packets: Any) -> None:
        self._disk.strike("mux", self._path)
        self._container.mux(packets)
