"""Jobs on this machine: one process each, or this very process where there is one job or one core."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from v2v_studio.errors import RenderError
from v2v_studio.executors.base import Outcome


class Local:
    """A pool of processes.

    Args:
        workers: processes at once; None for one a core.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def run(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Outcome]:
        if min(self.workers, len(jobs)) <= 1:
            for job in jobs:
                yield _attempt(function, job)
            return
        context = multiprocessing.get_context("spawn")  # a fork would copy locks held by other threads
        size = min(self.workers, len(jobs))
        others = set(multiprocessing.active_children())
        with ProcessPoolExecutor(size, context, follow_parent, (os.getpid(),)) as pool:
            waiting = {pool.submit(function, job): job for job in jobs}
            try:
                for future in as_completed(waiting):
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool):
                        error = RenderError("a worker process died (out of memory, or killed); run the command again")
                    yield Outcome(waiting[future], None if error else future.result(), error)
            except BaseException:  # the caller stops: so do the workers, at once; what they wrote is whole
                for worker in set(multiprocessing.active_children()) - others:
                    worker.terminate()
                raise


def _attempt(function: Callable[[Any], Any], job: Any) -> Outcome:
    try:
        return Outcome(job, function(job))
    except Exception as error:
        return Outcome(job, error=error)


def follow_parent(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent does, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
