"""A real file system of its own, ext4 in a file, whose power can be cut.

The system call that cuts it (`EXT4_IOC_SHUTDOWN`) is the one file systems are tested with: from then on nothing reaches the
disk, and mounted again it holds what was synced, and of the rest what had come there by itself. Needs Linux and root.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from pathlib import Path
from types import TracebackType

SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
POWER = {"power": 2, "power-late": 1}  # kind of fault -> flag: without or with the journal written as the last thing
# A file renamed over another is not written out first, as most file systems do not do so.
OPTIONS = "loop,noauto_da_alloc"


class Partition:
    """Mounted at `folder`, an empty folder, while the block lasts.

    Raises:
        OSError: this system, or this user, cannot.
    """

    def __init__(self, folder: Path, megabytes: int = 2048) -> None:
        self.folder, self._image = folder, folder.with_suffix(".img")
        with open(self._image, "wb") as image:
            image.truncate(megabytes * 2**20)

    def __enter__(self) -> Partition:
        carried_out("mkfs.ext4", "-q", "-F", str(self._image))
        self._mount()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        carried_out("umount", str(self.folder))
        self._image.unlink()

    def sync(self) -> None:
        """Have all that is on it written."""
        carried_out("sync", "-f", str(self.folder))

    def restart(self, kind: str) -> None:
        """The power is cut, where it was not yet, and comes back."""
        cut_power(self.folder, kind)
        carried_out("umount", str(self.folder))
        self._mount()

    def _mount(self) -> None:
        carried_out("mount", "-o", OPTIONS, str(self._image), str(self.folder))


def cut_power(folder: Path, kind: str) -> None:
    """Nothing that is written to the file system of a folder reaches its disk any more."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", POWER[kind]))
    finally:
        os.close(handle)


def carried_out(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(command[:1])}: {done.stderr.strip()}")
