"""One function in a process of its own, which may die without taking anyone along; what it says is kept in a file."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from v2v_studio.executors.local import follow_parent


def apart(function: Callable[..., Any], arguments: tuple[Any, ...], log: Path) -> SpawnProcess:
    """The process, begun. It ends when this one does.

    Args:
        function, arguments: they can be pickled.
        log: stdout and stderr are added to it.
    """
    process = multiprocessing.get_context("spawn").Process(
        target=_begin, args=(function, arguments, log, os.getpid()), daemon=False
    )
    process.start()
    return process


def _begin(function: Callable[..., Any], arguments: tuple[Any, ...], log: Path, parent: int) -> None:
    follow_parent(parent)
    with open(log, "ab", buffering=0) as file:  # the numbers 1 and 2, so that libraries in C say it there too
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    logging.basicConfig(format="%(levelname)s: %(message)s")
    function(*arguments)
