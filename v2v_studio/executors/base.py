"""What an executor is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

Name = Literal["local", "ray"]


@dataclass(frozen=True)
class Outcome:
    """What became of one job: its result, or the exception it ended with."""

    job: Any
    result: Any = None
    error: BaseException | None = None


class Executor(Protocol):
    """Runs one function over many jobs.

    The contract: every job gets one outcome, in the order they end; a job that fails stops no other; jobs and results
    can be pickled; when the caller stops, so do the workers.

    Attributes:
        name: as records and the command line say it.
    """

    name: ClassVar[Name]

    def run(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Outcome]: ...
