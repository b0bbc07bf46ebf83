"""CPU and wall seconds a frame of `v2v propagate` at 854x480, and those of warping along chained optical flow.

    python -m benchmarks.speed ../shared

The first frame is painted in oil: the dearer kind, for its texture cannot be predicted. Each row is one process, its start,
fit and PNGs included; the marginal cost of a frame is the difference between the long and the short run.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.record import save

LENGTHS = (9, 33)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    shared = parser.parse_args().shared
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for length in LENGTHS:
            source, key = frames(shared / "footage" / "bear_walk.mp4", Path(folder) / str(length), length)
            v2v = [
                sys.executable,
                "-m",
                "v2v_studio",
                "-q",
                "propagate",
                str(source),
                str(key),
                str(Path(folder) / "out"),
            ]
            chain = [sys.executable, str(shared / "tools" / "propagation_bench.py"), "render", "--method", "chain"]
            chain += ["--src", str(source), "--key", str(key), "--out", str(Path(folder) / "chained")]
            subprocess.run(v2v, check=True, stdout=subprocess.DEVNULL)  # compiled once, not measured
            for renderer, command in (("chain", chain), ("draft", [*v2v, "--draft"]), ("final", v2v)):
                rows.append({"renderer": renderer, "frames": length, **cost(command, length - 1)})
    for renderer in ("chain", "draft", "final"):
        short, long = (row for row in rows if row["renderer"] == renderer)
        each = (long["cpu_per_frame"] * (LENGTHS[1] - 1) - short["cpu_per_frame"] * (LENGTHS[0] - 1)) / (
            LENGTHS[1] - LENGTHS[0]
        )
        rows.append({"renderer": renderer, "frames": "one more", "cpu_per_frame": each})
    print(save("speed-854x480", rows))


def frames(clip: Path, folder: Path, count: int) -> tuple[Path, Path]:
    """The first frames of a clip as PNGs, and the first of them in oil."""
    from v2v_studio.media.frames import write_png
    from v2v_studio.media.probe import probe
    from v2v_studio.media.reader import open_reader
    from v2v_studio.translators.filters import Filters

    (folder / "source").mkdir(parents=True)
    for index, frame in enumerate(open_reader(clip, probe(clip)).frames(0, count)):
        write_png(folder / "source" / f"{index:05d}.png", frame)
        if index == 0:
            write_png(folder / "key.png", Filters().translate(frame, Filters.Params(preset="oil"), 0))
    return folder / "source", folder / "key.png"


def cost(command: list[str], count: int) -> dict[str, Any]:
    """CPU and wall seconds a frame of a command."""
    used, began = [resource.getrusage(resource.RUSAGE_CHILDREN)], time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - began
    used.append(resource.getrusage(resource.RUSAGE_CHILDREN))
    cpu = next(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in pairwise(used))
    return {"cpu_per_frame": cpu / count, "wall_per_frame": wall / count}


if __name__ == "__main__":
    main()
