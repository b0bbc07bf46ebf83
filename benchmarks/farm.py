"""Sixteen shots in one process, in the local pool and on a farm of this machine, with two workers each; bytes compared.

    python -m benchmarks.farm

All in one run, in turns, as commands a user gives, the farm up before. Efficiency is one process's time over twice that of
two workers. Beside it: seconds until a farm is up, until a new worker of it answers, and to hand a job to one that is there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.memory import looped
from benchmarks.record import save
from v2v_studio.executors.ray import Ray
from v2v_studio.studio import Studio

SHOTS, WORKERS, JOBS = 16, 2, 200
WAYS = {
    "one process": ("--workers", "1"),
    "local pool": ("--workers", str(WORKERS)),
    "farm": ("--workers", str(WORKERS), "--executor", "ray"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=48, help="of a shot")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--size", default="320x180")
    chosen = parser.parse_args()
    size = tuple(int(side) for side in chosen.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder  # a farm of its own
        project = prepared(Path(folder), chosen.frames, size)
        up = timed("farm", "up", "--cores", str(WORKERS))
        about = {"shots": SHOTS, "frames": chosen.frames, "size": chosen.size, "up_s": up}
        rounds: list[dict[str, Any]] = []
        try:
            about |= starting()
            for _ in range(chosen.rounds):
                rounds.append({way: once(project, how) for way, how in WAYS.items()})
                print(save("farm", summary(rounds, about)))
        finally:
            timed("farm", "down")


def prepared(folder: Path, frames: int, size: tuple[int, int]) -> Path:
    """A project of so many shots with their first frames."""
    studio = Studio.create(folder / "film")
    studio.ingest([looped(folder / "loop.mp4", SHOTS * frames, size)], copy=True)
    studio.cut(detector="fixed", options={"every": frames})
    studio.stylize(translator="filters", options={"preset": "poster"})
    once(studio.store.folder, WAYS["one process"], "sh010")  # compiled, not measured
    return studio.store.folder


def once(project: Path, how: tuple[str, ...], *shots: str) -> dict[str, Any]:
    """Wall seconds of rendering a copy of the project, the load of the machine around it, and the digest of all frames."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(project, Path(folder) / "film")
        before = os.getloadavg()[0]
        seconds = timed("-C", str(copy), "render", *shots, *how)
        digest = sha256()
        for frame in sorted(copy.glob("shots/*/takes/t001/frames/*.png")):
            digest.update(frame.name.encode() + frame.read_bytes())
        return {"wall_s": seconds, "load": [before, os.getloadavg()[0]], "frames": digest.hexdigest()}


def timed(*told: str) -> float:
    """Wall seconds of a command."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "v2v_studio", "-q", *told], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def nothing(job: int) -> int:
    return job


def starting() -> dict[str, float]:
    """Seconds until a worker that is not there yet has done a job, and for each further one."""
    from v2v_studio.executors.cluster import connected

    with connected():
        moments = [time.monotonic()]
        for _ in Ray(workers=1).run(nothing, range(1 + JOBS)):
            moments.append(time.monotonic())
    return {"start_s": moments[1] - moments[0], "hand_over_s": (moments[-1] - moments[1]) / JOBS}


def summary(rounds: list[dict[str, Any]], about: dict[str, Any]) -> dict[str, Any]:
    """Medians over the rounds, and what they come to."""
    walls = {way: median(each[way]["wall_s"] for each in rounds) for way in WAYS}
    rows = [
        {
            "way": way,
            "wall_s": wall,
            "efficiency": walls["one process"] / ((1 if way == "one process" else WORKERS) * wall),
        }
        for way, wall in walls.items()
    ]
    ratio = walls["local pool"] / walls["farm"]
    same = len({each[way]["frames"] for each in rounds for way in WAYS}) == 1
    return {**about, "ways": rows, "farm_to_local_pool": ratio, "same_bytes": same, "rounds": rounds}


if __name__ == "__main__":
    main()
