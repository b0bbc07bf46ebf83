"""Work: queued jobs carried out, in processes that outlive whoever queued them."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, get_args

from v2v_studio.errors import ProjectError, StudioError, UsageError
from v2v_studio.executors.apart import apart
from v2v_studio.executors.machine import cores, free_memory
from v2v_studio.executors.process import environment
from v2v_studio.project.check import held
from v2v_studio.project.records import Job, JobExecutor
from v2v_studio.project.store import Store
from v2v_studio.studio.desk import Desk
from v2v_studio.studio.job import RenderJob, RenderKind, render_shot
from v2v_studio.studio.job_report import NOBODY, Report, closed, is_bug, this_process, told, working
from v2v_studio.studio.origin import now
from v2v_studio.studio.request import Ask
from v2v_studio.tracks.table import Setup

LOOK_EVERY = 0.5  # seconds between two looks for new jobs
GIVE_UP = 1.0  # seconds after which a second worker leaves the work to the first
WORKER_LOG = "worker"
EXECUTORS: tuple[JobExecutor, ...] = get_args(JobExecutor)

# What a job other than a render may be told, and what is said of it when it is done.
VERBS: Mapping[str, tuple[frozenset[str], Callable[[Any], str]]] = {
    "ingest": (frozenset({"paths", "rate", "held"}), lambda made: " ".join(one.id for one in made)),
    "cut": (frozenset({"footage", "detector", "options", "again"}), lambda made: f"{len(made)} shots"),
    "stylize": (
        frozenset({"shots", "translator", "options", "seed", "frame", "like", "candidates"}),
        lambda made: " ".join(f"{one.shot}/{one.id}" for one in made),
    ),
    "assemble": (
        frozenset({"name", "strict", "crf", "formats", "handles"}),
        lambda made: " ".join([*(row["path"] for row in made["exports"]), *made["lists"]]),
    ),
    "motion_picture": (frozenset({"shot", "number", "track", "options"}), lambda made: made.name),
    "proxy": (frozenset({"shot", "take"}), lambda made: made.name),
    "suggest": (
        frozenset({"shot", "count", "options"}),
        lambda made: ", ".join(f"{one.frame} would show {one.covers:.0%}" for one in made) or "nothing more to show",
    ),
    "reel": (frozenset({"name", "layout"}), lambda made: " ".join(row["path"] for row in made)),
}


class Working(Desk):
    """The verb `work`."""

    def work(self, places: int | None = None) -> None:
        """Carry out queued jobs until none is left, those of the highest priority first, each in a process of its own.

        One worker at a time works on a project on this machine; a second one leaves the work to it. A job that dies
        takes no other along.

        Args:
            places: jobs at once; one a core where not given, as far as the free memory goes. One that loads a network always
                runs alone.
        """
        self._work("local", lambda: Crew(self.store, places or cores()).work())

    def _work(self, executor: JobExecutor, crew: Callable[[], None]) -> None:
        """Let the crew work for as long as something waits for it, unless another does."""
        while self._waiting(executor):
            try:
                with self.store.lock(lock_name(executor), GIVE_UP, Busy()):
                    crew()
            except Busy:
                return

    def start_worker(self) -> None:
        """See to it that a worker works on the queue: a process that goes on when this one ends, unless there is one."""
        for executor in EXECUTORS:
            if self._waiting(executor) and not held(self.store, lock_name(executor)):
                self._start(executor)

    def _start(self, executor: JobExecutor) -> None:
        command = [sys.executable, "-m", "v2v_studio", "-C", str(self.store.folder), "work", "--executor", executor]
        with open(self.store.job_log(WORKER_LOG), "ab") as log:
            subprocess.Popen(
                command,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _waiting(self, executor: JobExecutor) -> bool:
        return first_waiting(self.store, executor) is not None


class Busy(StudioError):
    """Another worker works on the project."""


class Crew:
    """A worker and its processes.

    Args:
        places: jobs at once.
    """

    def __init__(self, store: Store, places: int) -> None:
        self._store, self._places = store, places
        self._running: dict[str, tuple[Job, SpawnProcess]] = {}
        self._free: int | None = None

    def work(self) -> None:
        """Until nothing runs and nothing waits."""
        try:
            while self._fill() or self._running:
                wait([process.sentinel for _, process in self._running.values()], LOOK_EVERY)
                self._see_off()
        finally:
            self._stop()

    def _fill(self) -> bool:
        """Take as many jobs as there are places for; whether any was taken."""
        taken = False
        while job := self._next():
            print(f"{now()} {os.getpid()} takes {job.id}", flush=True)
            process = apart(carry_out, (str(self._store.folder), job.id), self._store.job_log(job.id))
            self._running[job.id], taken = (job, process), True
        return taken

    def _next(self) -> Job | None:
        """The next job, made this worker's own; None while it would have to wait."""
        running = [job for job, _ in self._running.values()]
        if len(running) >= self._places or any(job.alone for job in running):
            return None
        if not running:
            self._free = free_memory()
        job = first_waiting(self._store, "local")
        if job is None or (running and (job.alone or not self._fits(job, running))):
            return None
        return take(self._store, job.id)

    def _fits(self, job: Job, running: Iterable[Job]) -> bool:
        """Whether there was memory for all of them before the first began; what each has taken since is not known."""
        return self._free is None or job.memory + sum(one.memory for one in running) <= self._free

    def _see_off(self) -> None:
        """Forget the processes that ended; a job that was left open by one failed."""
        for name, (_, process) in list(self._running.items()):
            if not process.is_alive():
                process.join()
                self._store.change_job(name, left)
                del self._running[name]

    def _stop(self) -> None:
        """The worker is ended: so are its processes, and what they had is queued again."""
        for name, (_, process) in self._running.items():
            process.terminate()
            process.join()
            self._store.change_job(name, put_back)


def first_waiting(store: Store, executor: JobExecutor) -> Job | None:
    """The job that a worker of an executor takes next: the oldest of the highest priority."""
    mine = (job for job in store.jobs() if waiting(job) and job.executor == executor)
    return min(mine, key=lambda job: -job.priority, default=None)


def take(store: Store, name: str) -> Job | None:
    """A job, made this process's own; None where it was paused, or taken, just now."""
    mine = {"state": "running", **this_process()}
    taken = store.change_job(name, lambda job: job.changed(**mine) if waiting(job) else job)
    return taken if working(taken) and taken.pid == os.getpid() else None


def waiting(job: Job) -> bool:
    """Whether a worker may take it."""
    return job.state == "queued" and job.pid is None


def put_back(job: Job) -> Job:
    """A job of a worker that is ended: queued again where it was not finished."""
    return job.changed(state="queued", left=None, **NOBODY) if working(job) else left(job)


def left(job: Job) -> Job:
    """A job of a process that ended: failed where it did not end the job, and nobody's in any case."""
    return closed(job) if working(job) else job.changed(**NOBODY)


def lock_name(executor: JobExecutor = "local") -> str:
    """Of the lock that this machine's worker holds, or the one that has a farm work."""
    return "farm" if executor == "ray" else f"worker-{re.sub('[^A-Za-z0-9-]', '-', platform.node())}"


def carry_out(folder: str, name: str) -> None:
    """One job, in the process that is its own. What became of it is in its record, and the details in its log."""
    store = Store(Path(folder))
    job = store.job(name)
    print(f"{now()} {job.kind} {job.shot}".rstrip())
    try:
        said = _render(store, job) if job.kind in get_args(RenderKind) else _verb(store, job)
        print(f"{now()} done: {said}")
    except BaseException as error:
        if is_bug(error):
            traceback.print_exc()
        message = told(error)
        print(f"{now()} {message}")
        store.change_job(name, lambda job: failed(job, message))


def failed(job: Job, message: str) -> Job:
    """A job whose work did not come as far as to report its end itself."""
    return job.changed(state="failed", message=message, **NOBODY, updated=now()) if working(job) else job


def _render(store: Store, job: Job) -> str:
    task = told_what(job)
    try:
        setup, ask, again = Setup.described(task), Ask.from_plain(task["ask"]), bool(task["again"])
        ahead = int(task["ahead"]) if "ahead" in task else None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ProjectError(f"jobs/{job.id}.json does not say what is to be done; give the command again") from None
    return render_shot(RenderJob(str(store.folder), job.shot, setup, ask, job.id, again, ahead))


def _verb(store: Store, job: Job) -> str:
    from v2v_studio.studio import Studio

    studio, task = Studio(store.folder), told_what(job)
    studio.by_weights(job.kind, task)  # or it is refused
    report = Report(store, job.id)
    try:
        said = VERBS[job.kind][1](getattr(studio, job.kind)(**task, on_progress=report.done))
    except BaseException as error:
        report.stop(error)
        raise
    report.end(said)
    return said


def told_what(job: Job) -> dict[str, Any]:
    """What a job's verb is told. UsageError where the record does not say it."""
    if job.task is None:
        raise UsageError(f"job {job.id} does not say what is to be done; give the command again")
    return job.task


def allowed(kind: str, task: Mapping[str, Any]) -> None:
    """UsageError for a kind that is none, and for what no job of its kind may be told."""
    if kind not in VERBS:
        raise UsageError(f"'{kind}' is no kind of job; there are: render, {', '.join(VERBS)}")
    if other := sorted(set(task) - VERBS[kind][0]):
        raise UsageError(f"a job of kind {kind} takes no '{other[0]}'; it takes: {', '.join(sorted(VERBS[kind][0]))}")
