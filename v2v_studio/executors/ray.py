"""Jobs on a Ray cluster: workers that stay, so that a model is loaded once. One that is lost takes no job along."""

from __future__ import annotations

import math
import platform
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from v2v_studio import __version__
from v2v_studio.errors import RenderError, ResourceError
from v2v_studio.executors.base import Name, Outcome
from v2v_studio.executors.cluster import connected
from v2v_studio.executors.local import attempt, sendable

LOOK_EVERY = 0.5  # seconds between two looks for a job, where there are workers to spare
AHEAD = 4  # workers that are asked for at once, before it is known whether there is room for them
RETRIES = 3  # workers that a job may lose before it is the job's own fault


@dataclass(frozen=True)
class Needs:
    """What a worker has for itself.

    Attributes:
        alone: it loads a network, and takes all the cores of a machine, unless it has a GPU.
        gpu: it takes a GPU where the farm has any.
        memory: bytes; 0 where it is not known.
    """

    alone: bool = False
    gpu: bool = False
    memory: int = 0


@dataclass
class Task:
    """A job, and the workers that were lost with it."""

    job: Any
    lost: int = 0


class Ray:
    """Workers all over the cluster that `connected` finds, as many as it has room for, and more as it grows.

    Args:
        workers: at once, at most.
        needs: what a job's worker has for itself.
        lost: told of a job whose worker is gone, before it is begun on another.
    """

    name: ClassVar[Name] = "ray"

    def __init__(
        self,
        workers: int | None = None,
        needs: Callable[[Any], Needs] = lambda job: Needs(),
        lost: Callable[[Any], object] = lambda job: None,
    ) -> None:
        self._workers, self._needs, self._lost = workers, needs, lost

    def run(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Outcome]:
        waiting = deque(jobs)
        yield from self.serve(function, lambda: waiting[0] if waiting else None, lambda job: waiting.popleft() is job)

    def serve(
        self, function: Callable[[Any], Any], first: Callable[[], Any], take: Callable[[Any], bool]
    ) -> Generator[Outcome, None, None]:
        """Jobs as they come: those that are there by the time a worker is free for them. Ends when none is left.

        Args:
            first: the job that is next; None where there is none for now.
            take: makes it this executor's own; False where it is gone since.

        Raises:
            ResourceError: no machine of the cluster has what a job needs.
            RenderError: a worker has another version of this package, or none starts.
        """
        again: deque[Task] = deque()
        with connected() as ray:
            crew = Crew(ray, function, self._workers or math.inf)
            try:
                while True:
                    while (task := again[0] if again else _task(first())) and (
                        worker := crew.free(self._needs(task.job))
                    ):
                        if again or take(task.job):
                            crew.begin(worker, again.popleft() if again else task)
                    if task is None:
                        crew.spare()
                        if not crew.busy:
                            return
                    for task, outcome in crew.ended():
                        if outcome is None:
                            self._lost(task.job)
                            again.append(task)
                        else:
                            yield outcome
            finally:
                crew.dismiss()


def _task(job: Any) -> Task | None:
    return None if job is None else Task(job)


@dataclass(eq=False)
class Worker:
    """A process somewhere in the cluster that does one job after the other.

    Attributes:
        actor: Ray's handle.
        greeted: what it answers once there is room for it; `said` of the job that it has.
    """

    needs: Needs
    actor: Any
    greeted: Any
    task: Task | None = None
    said: Any = None


class Crew:
    """The workers of one run."""

    def __init__(self, ray: Any, function: Callable[[Any], Any], most: float) -> None:
        self._ray, self._most = ray, most
        self._function = ray.put(function)
        self._kind = ray.remote(Serving)
        self._idle: list[Worker] = []
        self._coming: list[Worker] = []  # there may be no room for them yet
        self._stillborn = 0
        self.busy: list[Worker] = []

    def free(self, needs: Needs) -> Worker | None:
        """A worker for such a job; None while there is none, and then more are asked for."""
        for worker in self._idle:
            if worker.needs == needs:
                return worker
        self._let_go(self._idle)  # of other needs, they would be in the way
        self._let_go([worker for worker in self._coming if worker.needs != needs])
        while len(self._coming) < AHEAD and len(self._coming) + len(self.busy) < self._most:
            actor = self._kind.options(**asked(needs, self._ray.nodes()), max_restarts=0).remote()
            self._coming.append(Worker(needs, actor, actor.greet.remote()))
        return None

    def begin(self, worker: Worker, task: Task) -> None:
        worker.task, worker.said = task, worker.actor.do.remote(self._function, task.job)
        self._idle.remove(worker)
        self.busy.append(worker)

    def ended(self) -> Iterator[tuple[Task, Outcome | None]]:
        """Jobs that ended, with None for those that lost their worker. Waits for one, though not for long."""
        known = {worker.said: worker for worker in self.busy} | {worker.greeted: worker for worker in self._coming}
        ready, _ = self._ray.wait(list(known), num_returns=1, timeout=LOOK_EVERY)
        for worker in map(known.__getitem__, ready):
            if worker in self._coming:
                self._welcome(worker)
            else:
                yield self._end(worker)

    def _end(self, worker: Worker) -> tuple[Task, Outcome | None]:
        task, worker.task = worker.task, None
        assert task
        self.busy.remove(worker)
        errors = self._ray.exceptions
        try:
            result, error = self._ray.get(worker.said)
        except (errors.RayActorError, errors.OutOfMemoryError):
            self._ray.kill(worker.actor)  # it may only be out of reach
            task.lost += 1
            if task.lost <= RETRIES:
                return task, None
            return task, Outcome(task.job, error=RenderError(f"{task.lost} workers died of it, one after the other"))
        except errors.RayError as failed:
            self._idle.append(worker)
            return task, Outcome(task.job, error=RenderError(f"a worker could not do it: {said(failed)}"))
        self._idle.append(worker)
        return task, Outcome(task.job, result, error)

    def _welcome(self, worker: Worker) -> None:
        self._coming.remove(worker)
        try:
            version, host = self._ray.get(worker.greeted)
        except self._ray.exceptions.RayError as failed:
            self._stillborn += 1
            if self._stillborn > RETRIES:
                raise RenderError(f"workers do not start: {said(failed)}; see: v2v farm status") from None
            return
        if version != __version__:
            raise RenderError(f"{host} has v2v_studio {version}, this machine {__version__}; install the same on both")
        self._stillborn = 0
        self._idle.append(worker)

    def spare(self) -> None:
        """No job is left to begin, for now: no more workers are needed; those that are there stay warm."""
        self._let_go(self._coming)

    def dismiss(self) -> None:
        """All of them, at once; what they wrote is whole."""
        self._let_go([*self._coming, *self._idle, *self.busy])

    def _let_go(self, workers: list[Worker]) -> None:
        for worker in list(workers):
            self._ray.kill(worker.actor)
            for group in (self._idle, self._coming, self.busy):
                if worker in group:
                    group.remove(worker)


class Serving:
    """What runs in a worker."""

    def greet(self) -> tuple[str, str]:
        """Version of this package, and the host."""
        return __version__, platform.node()

    def do(self, function: Callable[[Any], Any], job: Any) -> tuple[Any, BaseException | None]:
        done = attempt(function, job)
        return done.result, done.error and sendable(done.error)


def asked(needs: Needs, nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What Ray is asked for a worker, as options of an actor.

    Raises:
        ResourceError: no machine has it.
    """
    machines = [node["Resources"] for node in nodes if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
    if not machines:
        raise ResourceError("no machine of the farm gives any cores; see: v2v farm status")
    with_gpu = [machine for machine in machines if machine.get("GPU", 0) >= 1] if needs.gpu else []
    fit = with_gpu or machines
    cores = 1 if with_gpu or not needs.alone else int(min(machine["CPU"] for machine in fit))
    memory = min(needs.memory, max(int(machine.get("memory", 0)) for machine in fit))
    return {"num_cpus": cores, "num_gpus": int(bool(with_gpu)), **({"memory": memory} if memory else {})}


def said(error: BaseException) -> str:
    """What Ray says, the last line of it: the lines before are where."""
    return ([line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__])[-1]
