"""Jobs on this machine: several processes, or this very one where there is one job or one place."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, ClassVar

from v2v_studio.errors import RenderError
from v2v_studio.executors.base import Name, Outcome
from v2v_studio.executors.machine import VISIBLE, cores, gpus
from v2v_studio.memory import one_heap

CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy locks held by other threads
DIED = "a worker process died (out of memory, or killed); run the command again"


class Local:
    """A pool of processes. One that dies takes its job along, and no other; a new one has its place.

    Args:
        workers: processes at once; None for one a core.
    """

    name: ClassVar[Name] = "local"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()

    def run(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Outcome]:
        size = min(self.workers, len(jobs))
        if size <= 1:
            for job in jobs:
                yield attempt(function, job)
            return
        waiting, crew = deque(jobs), [Worker(function, place) for place in range(size)]
        try:
            for worker in crew:
                worker.begin(waiting.popleft())
            while busy := [worker for worker in crew if worker.busy]:
                ready = wait([worker.said for worker in busy])
                for worker in (worker for worker in busy if worker.said in ready):
                    yield worker.end()
                    if waiting:
                        worker.begin(waiting.popleft())
        finally:  # also where the caller stops: so do the workers, at once; what they wrote is whole
            for worker in crew:
                worker.stop()


class Worker:
    """One place of a pool, and the process that has it.

    Args:
        place: from 0; where there are several GPUs, it decides which one the process sees.
    """

    def __init__(self, function: Callable[[Any], Any], place: int) -> None:
        self._function, self._place = function, place
        self._job: Any = None
        self.busy = False
        self._hire()

    def _hire(self) -> None:
        mine, theirs = CONTEXT.Pipe()
        cards = gpus()
        card = cards[self._place % len(cards)] if len(cards) > 1 else None
        self._process = CONTEXT.Process(target=_serve, args=(self._function, theirs, os.getpid(), card))
        self._process.start()
        theirs.close()  # so that this end is told when the process ends, however it does
        self.said: Connection = mine

    def begin(self, job: Any) -> None:
        self._job, self.busy = job, True
        try:
            self.said.send(job)
        except OSError:  # its process has died since
            self._process.join()
            self._hire()
            self.said.send(job)

    def end(self) -> Outcome:
        """What became of the job; waits for it."""
        self.busy = False
        try:
            result, error = self.said.recv()
        except (EOFError, OSError):
            self._process.join()
            return Outcome(self._job, error=RenderError(DIED))
        return Outcome(self._job, result, error)

    def stop(self) -> None:
        if self.busy:
            self._process.terminate()
        self.said.close()  # one that is idle ends by itself
        self._process.join()


def _serve(function: Callable[[Any], Any], jobs: Connection, parent: int, card: str | None) -> None:
    """Do jobs until no more come."""
    one_heap()  # before the first thread begins
    follow_parent(parent)
    if card is not None:
        os.environ[VISIBLE] = card
    while True:
        try:
            job = jobs.recv()
        except EOFError:
            return
        done = attempt(function, job)
        jobs.send((done.result, done.error and sendable(done.error)))


def attempt(function: Callable[[Any], Any], job: Any) -> Outcome:
    try:
        return Outcome(job, function(job))
    except Exception as error:
        return Outcome(job, error=error)


def sendable(error: BaseException) -> BaseException:
    """An error as another process can read it, with where it came from as a note."""
    where = "".join(traceback.format_exception(error))
    try:
        sent = pickle.loads(pickle.dumps(error))
    except Exception:
        sent = RenderError(f"{type(error).__name__}: {error}")
    sent.add_note(where)
    return sent


def follow_parent(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent does, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
