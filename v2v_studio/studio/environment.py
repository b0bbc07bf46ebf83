"""What may be wrong with the machine that a project is opened on: its disk, its locks, its clock, its encoders."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from v2v_studio.errors import StudioError
from v2v_studio.media.writer import missing_encoders
from v2v_studio.project.check import Finding, Inspection
from v2v_studio.project.store import Store

HERE = "this machine"
ROOM = 10**9  # bytes: some hundred frames of 1080p and their motion
ONLY_LOOKED_AT = (errno.EROFS, errno.EACCES, errno.EPERM)
SLACK = timedelta(days=1)  # between the clocks of two machines, time zones that are set wrong included


def environment(seen: Inspection) -> Iterator[Finding]:
    """A finding for everything that keeps this machine from working on the project."""
    yield from _disk(seen.store)
    yield from _locks(seen.store)
    yield from _clock(seen)
    if missing := missing_encoders():
        do = "install PyAV from its own wheels: pip install --force-reinstall av"
        yield Finding(HERE, f"no videos can be written, for want of {' and '.join(missing)}", do)


def _disk(store: Store) -> Iterator[Finding]:
    free = shutil.disk_usage(store.folder).free
    if free < ROOM:
        do = "make room, or let go of what is least missed: v2v gc --budget SIZE"
        yield Finding(HERE, f"{free / 1e6:.0f} MB are free on the project's disk", do)


def _locks(store: Store) -> Iterator[Finding]:
    """Without locks two processes could lose each other's edits; some network folders have none."""
    try:
        with store.lock("doctor"):
            pass
    except (OSError, StudioError) as error:
        if isinstance(error, OSError) and error.errno in ONLY_LOOKED_AT:
            return
        do = "keep the project where locks work, or let one process at a time work on it"
        yield Finding(HERE, f"files of the project cannot be locked ({error})", do)


def _clock(seen: Inspection) -> Iterator[Finding]:
    painted = [first.created for named in seen.first_frames.values() for first in named.values()]
    rendered = [take.created for named in seen.takes.values() for take in named.values()]
    latest = max(painted + rendered, default="")
    now = datetime.now(UTC)
    if latest > (now + SLACK).isoformat():
        do = "set the clock; dates of records and the order in which gc lets go of takes follow it"
        yield Finding(HERE, f"its clock says {now:%Y-%m-%d}, and the project has work of {latest[:10]}", do)
