"""The queue: work handed over to processes of its own, looked at, held, taken up again."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.project.records import Job, JobExecutor
from v2v_studio.studio.job_report import NOBODY, abandoned, closed, going, unfinished, working
from v2v_studio.studio.origin import now
from v2v_studio.studio.render import Plan, Rendering
from v2v_studio.studio.stylize import Stylizing
from v2v_studio.studio.work import Working, allowed
from v2v_studio.translators.base import Weighted

TAIL = 64 * 1024  # bytes of a log that are read for its last lines
LINES = 20


class Queueing(Stylizing, Rendering, Working):
    """The verbs `jobs` and `render --background`. Whoever has the project open sees the same queue."""

    def enqueue(
        self, plans: Sequence[Plan], priority: int = 0, executor: JobExecutor = "local"
    ) -> list[dict[str, Any]]:
        """Queue what `render` would do, and return at once. A row a shot, in the plans' order, with its job.

        What is queued already in the same way is not queued twice. A worker is started where none works.

        Args:
            executor: where the worker has it carried out; ray for a farm.
        """
        rows, work = self.prepare(plans)
        wanted = list(self.jobs_of(work, executor))
        queued = self._queue([Job(**about, priority=priority, executor=executor) for _, _, about in wanted])
        for (plan, ahead, _), job in zip(wanted, queued, strict=True):
            if ahead is None:
                rows[plan.shot]["job"] = job.id
        self.start_worker()
        return [{"job": None, **row} for row in rows.values()]

    def submit(self, kind: str, priority: int = 0, **task: Any) -> Job:
        """Queue another verb: ingest, cut, stylize, assemble, reel or proxy, with its arguments as plain values.

        Raises:
            UsageError: no such kind, an argument that it does not take from a queue, or a look that is none.
        """
        given = json.loads(json.dumps(task))
        alone = self.by_weights(kind, given)
        shots = given.get("shots") or [given.get("shot", "")]
        job = Job(kind=kind, shot=shots[0] if len(shots) == 1 else "", task=given, alone=alone, priority=priority)
        (queued,) = self._queue([job])
        self.start_worker()
        return queued

    def by_weights(self, kind: str, task: Mapping[str, Any]) -> bool:
        """Whether a verb that is told this loads a network.

        Raises:
            UsageError: it may not be told this by a queue: a record in a project folder is no reason to write anywhere
                else, or to open a picture anywhere else.
            MissingError: weights are not on this machine.
        """
        allowed(kind, task)
        if kind != "stylize":
            return False
        like, told = task.get("like"), (task.get(key) for key in ("translator", "options", "seed"))
        look = self._look_like(like) if like else self._look_of(*told)
        for option, value in look.params:
            if isinstance(value, Path) and not value.resolve().is_relative_to(self.store.folder):
                raise UsageError(
                    f"option '{option}' names {value}, which is not inside the project; upload it, or stylize in a terminal"
                )
        if not isinstance(look.maker, Weighted):
            return False
        look.maker.weights(look.params)  # or it is refused before it waits
        return True

    def _queue(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs as they are queued now, or were already."""
        queued = []
        with self.store.lock("queue"):
            open_ = [one for one in self._looked_at(self.store.jobs()) if unfinished(one)]
            for job in jobs:
                known = [one for one in open_ if (one.kind, one.shot, one.task) == (job.kind, job.shot, job.task)]
                queued.append(known[0] if known else self.store.add_job(job.changed(updated=now())))
        return queued

    def pause(self, name: str) -> Job:
        """Hold a queued job, or stop a running one after the frame it is at; what is done of it is kept."""
        return self._stop_job(name, ("queued", "running"), "paused", "pause")

    def cancel(self, name: str) -> Job:
        """Stop a queued, paused or running job for good, after the frame it is at."""
        return self._stop_job(name, ("queued", "paused", "running"), "cancelled", "cancel")

    def resume(self, name: str) -> Job:
        """Let a paused job go on where it was."""
        return self._go_on(name, ("paused",), "resume")

    def retry(self, name: str) -> Job:
        """Queue a job again that failed or was cancelled; it goes on where it was."""
        self.job_rows()  # one whose process was killed has failed
        return self._go_on(name, ("failed", "cancelled"), "retry")

    def prioritize(self, name: str, priority: int) -> Job:
        """Carry a job out before those of a lower priority; new jobs have 0."""
        return self.store.change_job(name, lambda job: job.changed(priority=priority, updated=now()))

    def _stop_job(self, name: str, where: Sequence[str], state: str, word: str) -> Job:
        def change(job: Job) -> Job:
            return fit(job, where, word).changed(state=state, left=None, updated=now())

        return self._change(name, where, change)

    def _change(self, name: str, where: Sequence[str], change: Callable[[Job], Job]) -> Job:
        """Change a job, and with it those that help it and are in such a state too."""
        changed = self.store.change_job(name, change)
        for helper in self.store.jobs():
            if helps(helper, changed):
                self.store.change_job(helper.id, lambda job: change(job) if job.state in where else job)
        return changed

    def _go_on(self, name: str, where: Sequence[str], word: str) -> Job:
        def change(job: Job) -> Job:
            if fit(job, where, word).task is None:
                raise UsageError(f"job {name} does not say what is to be done; give the command again")
            if going(job):  # it has not noticed that it was to stop
                return job.changed(state="running", updated=now())
            return job.changed(state="queued", message="", **NOBODY, updated=now())

        queued = self._change(name, where, change)
        self.start_worker()
        return queued

    def job_rows(self) -> list[dict[str, Any]]:
        """One row a job, the oldest first: what it is, how far it is, seconds spent and left, its log's end."""
        return [self._job_row(job) for job in self._looked_at(self.store.jobs())]

    def _looked_at(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs as they stand; those whose process was killed have failed."""
        return [self._closed(job) if working(job) and abandoned(job) else job for job in jobs]

    def _closed(self, job: Job) -> Job:
        with suppress(OSError):  # a project may be looked at where it may not be written
            return self.store.change_job(job.id, lambda job: closed(job) if working(job) and abandoned(job) else job)
        return closed(job)

    def _job_row(self, job: Job) -> dict[str, Any]:
        keys = (
            "kind",
            "shot",
            "state",
            "priority",
            "done",
            "total",
            "seconds",
            "left",
            "message",
            "executor",
            "lost",
            "started",
            "updated",
        )
        told = {key: getattr(job, key) for key in keys}
        return {"job": job.id, **told, "where": where(job), "log": self.job_log(job.id, 3)}

    def job_log(self, name: str, lines: int = LINES) -> list[str]:
        """The last lines of what a job said."""
        self.store.job(name)
        try:
            with open(self.store.job_log(name), "rb") as file:
                file.seek(max(0, file.seek(0, 2) - TAIL))
                return file.read().decode(errors="replace").splitlines()[-lines:]
        except FileNotFoundError:
            return []


def helps(helper: Job, job: Job) -> bool:
    """Whether it makes a stretch of the other's take ahead."""
    task = helper.task or {}
    rest = {key: value for key, value in task.items() if key != "ahead"}
    return "ahead" in task and (helper.shot, rest) == (job.shot, job.task)


def where(job: Job) -> str:
    """The machine that has a job, or had it last, as whoever looks would say it; "" for one that was not begun."""
    if job.host is None or (job.state == "queued" and not job.done):
        return ""
    return "here" if job.host == platform.node() else job.host


def fit(job: Job, where: Sequence[str], word: str) -> Job:
    """The job, where its state allows what is asked for. UsageError where it does not."""
    if job.state not in where:
        raise UsageError(f"job {job.id} is {job.state} already; there is nothing to {word}")
    return job
