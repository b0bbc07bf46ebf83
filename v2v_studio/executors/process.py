"""Which process is which: a number is given again after its process ended, a number and the moment it began are not.
And what a new one must know to be one of ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROC = Path("/proc")
PACKAGE = Path(__file__).resolve().parents[2]
_ENDED = ("Z", "X")  # states of a process that has ended and that nobody has asked after yet


def born(pid: int) -> str:
    """When a process of this machine began, in the system's own words; "" where there is none."""
    return _known(pid)[1]


def gone(pid: int, since: str | None = None) -> bool:
    """Whether a process of this machine has ended.

    Args:
        since: what `born` said of it; another that was given its number since is not taken for it.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it runs, as someone else
    state, began = _known(pid)
    return state in _ENDED or bool(since and began and since != began)


def environment() -> dict[str, str]:
    """This process's own, with which a process that it starts finds this package, from a checkout too."""
    path = os.pathsep.join([str(PACKAGE), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path}


def _known(pid: int) -> tuple[str, str]:
    """State and beginning of a process; empty where there is none, or it may not be known."""
    try:
        if (PROC / "self").exists():
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            return fields[0], fields[19]  # the third and the twenty-second; the name before may hold anything
        said = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True)
        state, _, began = said.stdout.strip().partition(" ")
        return state[:1], began.strip()
    except OSError:
        return "", ""
