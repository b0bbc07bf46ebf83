"""What this machine has for work: cores, memory and GPUs, as far as this process may use them."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path

PROC, CGROUP = Path("/proc"), Path("/sys/fs/cgroup")
VISIBLE = "CUDA_VISIBLE_DEVICES"


def cores() -> int:
    """Those that this process may run on, and no more than a container's share of time comes to."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = (CGROUP / "cpu.max").read_text().split()  # "max 100000" where there is no limit: ValueError
        return max(1, min(own, math.ceil(int(quota) / int(period))))
    return own


def free_memory() -> int | None:
    """Bytes that can be taken without swapping: of the machine, or of the container where that is less. None: not known."""
    known = [_available(), _left_in_container()]
    return min((bytes_ for bytes_ in known if bytes_ is not None), default=None)


def gpus() -> list[str]:
    """NVIDIA GPUs by the names that CUDA_VISIBLE_DEVICES takes, found without loading CUDA."""
    if VISIBLE in os.environ:
        return [name for name in os.environ[VISIBLE].split(",") if name and name != "-1"]
    with suppress(OSError):
        return [str(number) for number, _ in enumerate(sorted((PROC / "driver" / "nvidia" / "gpus").iterdir()))]
    return []


def places(needed: int, alone: bool = False) -> int:
    """How many processes can work at once.

    Args:
        needed: bytes that one takes up.
        alone: each loads a network, which takes all the cores, or a GPU of its own.
    """
    most = max(1, len(gpus())) if alone else cores()
    free = free_memory()
    return most if free is None else max(1, min(most, free // max(1, needed)))


def _available() -> int | None:
    with suppress(OSError, StopIteration, ValueError):
        lines = (PROC / "meminfo").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    return None


def _left_in_container() -> int | None:
    with suppress(OSError, ValueError):
        limit, used = (int((CGROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        return max(0, limit - used)
    return None
