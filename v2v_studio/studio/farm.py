"""The farm: renders carried out on a Ray cluster that shares the project's folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from v2v_studio.project.records import Job
from v2v_studio.project.store import Store
from v2v_studio.studio.job import RenderJob
from v2v_studio.studio.job_report import this_process
from v2v_studio.studio.render import Rendering
from v2v_studio.studio.work import Working, carry_out, first_waiting, left, put_back, take

if TYPE_CHECKING:
    from v2v_studio.executors.ray import Needs, Ray

MOVED = "its worker was lost; it goes on with another"


class Farming(Rendering, Working):
    """What has a farm work instead of this machine."""

    def farm(self, workers: int | None = None) -> Ray:
        """The executor that `render` is given to have its shots rendered on the farm at $RAY_ADDRESS, or on the one that
        this machine is part of.

        Args:
            workers: shots at once. Default: as many as there is room for.

        Raises:
            MissingError: Ray is not installed.
        """
        return self._farm(name_of, workers)

    def work_on_farm(self, workers: int | None = None) -> None:
        """Have that farm carry out the jobs queued for it until none is left, those of the highest priority first.

        One such worker at a time works on a project.
        """
        self._work("ray", lambda: FarmCrew(self.store, self._farm(str, workers)).work())

    def _farm(self, name: Callable[[Any], str], workers: int | None) -> Ray:
        from v2v_studio.executors.ray import Ray

        return Ray(
            workers,
            needs=lambda job: needs(self.store.job(name(job))),
            lost=lambda job: self.store.change_job(name(job), moved),
        )


def name_of(job: RenderJob) -> str:
    return job.job


def needs(job: Job) -> Needs:
    """What a job's worker is to have for itself."""
    from v2v_studio.executors.ray import Needs

    on_cpu = "cpu" in devices(job.task or {})
    return Needs(job.alone, gpu=job.alone and not on_cpu, memory=job.memory)


def devices(task: Mapping[str, Any]) -> set[str]:
    """What a job's networks are said to run on."""
    return {part["device"] for part in task.values() if isinstance(part, dict) and "device" in part}


def moved(job: Job) -> Job:
    """A job whose worker is gone, and which this process is about to begin on another; a stop that it was told stays."""
    state = job.state if job.state in ("paused", "cancelled") else "queued"
    return job.changed(state=state, message=MOVED, lost=job.lost + 1, left=None, **this_process())


class FarmCrew:
    """The worker that hands queued jobs to a farm."""

    def __init__(self, store: Store, farm: Ray) -> None:
        self._store, self._farm = store, farm
        self._held: set[str] = set()

    def work(self) -> None:
        """Until nothing runs and nothing waits; where it is stopped, what it had is queued again."""
        folder = str(self._store.folder)
        try:
            with closing(self._farm.serve(partial(carry_out_there, folder), self._first, self._take)) as ended:
                for outcome in ended:
                    self._store.change_job(outcome.job, left)
                    self._held.remove(outcome.job)
        finally:
            for name in self._held:
                self._store.change_job(name, put_back)

    def _first(self) -> str | None:
        job = first_waiting(self._store, "ray")
        return job.id if job else None

    def _take(self, name: str) -> bool:
        if taken := take(self._store, name):
            self._held.add(taken.id)
        return taken is not None


def carry_out_there(folder: str, name: str) -> None:
    """One job, in a worker of the farm; what it says is in its log, which lies in the project."""
    with open(Store(Path(folder)).job_log(name), "a", buffering=1) as log, redirect_stdout(log), redirect_stderr(log):
        carry_out(folder, name)
