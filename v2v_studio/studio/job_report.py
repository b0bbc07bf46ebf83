"""A job's record while it is worked on: kept up to date by whoever works, and the way to stop them."""

from __future__ import annotations

import os
import platform
import time
from typing import Any

from v2v_studio.errors import Cancelled, Paused, StudioError, sentence
from v2v_studio.executors.process import born, gone
from v2v_studio.project.records import Job
from v2v_studio.project.store import Store
from v2v_studio.studio.origin import now

REPORT_EVERY = 0.5  # seconds between two looks at the job's record
NOBODY = {"pid": None, "born": None}  # whose a job is that anyone may take
LOST = "its process was killed; go on with: v2v jobs --retry {}"


class Report:
    """Progress, written now and then; a state of `cancelled` or `paused` that is found there stops the work.

    Attributes:
        lost: workers that the job lost before.

    Raises:
        Cancelled, Paused: it is so already.
    """

    def __init__(self, store: Store, name: str, total: int = 0) -> None:
        self._store, self._name, self._next = store, name, 0.0
        self._began = time.monotonic()
        self._first: int | None = None
        begun = self._change(**this_process(), state="running", total=total, started=now(), message="", left=None)
        self._spent, self.lost = begun.seconds, begun.lost

    def done(self, frames: int, total: int | None = None) -> None:
        """So much is done, of so much in all where that was not known before."""
        if self._first is None:
            self._first = frames
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + REPORT_EVERY
            known = {} if total is None else {"total": total}
            self._change(done=frames, seconds=self._seconds, left=self._left(frames, total), **known)

    def end(self, message: str) -> None:
        """It is done."""

        def change(job: Job) -> Job:
            done = {"state": "done", "done": job.total, "left": None, "seconds": self._seconds, "updated": now()}
            return job.changed(**done, **NOBODY, message=message)

        self._store.change_job(self._name, change)

    def stop(self, error: BaseException) -> None:
        """It ended otherwise. Where a stop was taken back before it was followed, the job is one to go on with."""

        def change(job: Job) -> Job:
            state, message = "failed", told(error)
            if isinstance(error, KeyboardInterrupt):
                state = "cancelled"
            if isinstance(error, Cancelled):  # the record says what is wanted by now
                state, message = (job.state, message) if job.state in ("paused", "cancelled") else ("queued", "")
            return job.changed(state=state, message=message, **NOBODY, left=None, seconds=self._seconds, updated=now())

        self._store.change_job(self._name, change)

    @property
    def _seconds(self) -> float:
        return round(self._spent + time.monotonic() - self._began, 1)

    def _left(self, frames: int, total: int | None) -> float | None:
        """As it went so far, in this run."""
        made = frames - (self._first or 0)
        whole = self._total if total is None else total
        return round((whole - frames) * (time.monotonic() - self._began) / made, 1) if made > 0 else None

    def _change(self, **values: Any) -> Job:
        def change(job: Job) -> Job:
            what = f"shot {job.shot}" if job.shot else job.kind
            if job.state == "cancelled":
                raise Cancelled(f"{what} was cancelled; what is done of it is kept")
            if job.state == "paused":
                raise Paused(f"{what} was paused; what is done of it is kept")
            return job.changed(**values, updated=now())

        changed = self._store.change_job(self._name, change)
        self._total = changed.total
        return changed


def told(error: BaseException) -> str:
    """What became of it, in words; a bug is called one."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's, unseen from here
        return "out of memory; render at a smaller size (--size), with --draft or fewer --workers"
    if isinstance(error, OSError) and error.strerror:
        return sentence(error)
    if isinstance(error, StudioError | KeyboardInterrupt | OSError):
        return str(error) or "stopped"
    return f"a bug ({type(error).__name__}: {error}); please report it with the end of the job's log"


def is_bug(error: BaseException) -> bool:
    """Whether it is nothing that a user can do anything about."""
    return told(error).startswith("a bug (")


def this_process() -> dict[str, Any]:
    """Whose a job is, as its record says it."""
    return {"pid": os.getpid(), "born": born(os.getpid()), "host": platform.node()}


def unfinished(job: Job) -> bool:
    return job.state in ("queued", "paused", "running")


def working(job: Job) -> bool:
    """Whether a process has it, or had it and was killed."""
    return job.pid is not None and job.state in ("queued", "running")


def abandoned(job: Job) -> bool:
    """Whether the process that has a job is gone. Of another machine's process nothing is known."""
    return job.pid is not None and job.host == platform.node() and gone(job.pid, job.born)


def going(job: Job) -> bool:
    """Whether a process of this machine has the job still, whatever its record says by now."""
    return job.pid is not None and job.host == platform.node() and not gone(job.pid, job.born)


def closed(job: Job) -> Job:
    """The job as it stands now that its process is gone."""
    return job.changed(state="failed", message=LOST.format(job.id), left=None, **NOBODY, updated=now())
