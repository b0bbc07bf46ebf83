"""What is said beside the data, on stderr: notes, and a bar with an estimate where stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

Tell = Callable[[int, int], None]


def say(session: object, notes: Iterable[str]) -> None:
    """Notes a user should read, a line each, unless they asked for quiet."""
    for note in () if getattr(session, "quiet", False) else notes:
        click.echo(note, err=True)


@contextmanager
def progress(session: object, what: str) -> Iterator[Tell]:
    """Yields tell(done, total)."""
    if getattr(session, "quiet", False) or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
