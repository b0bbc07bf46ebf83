"""A film of any length through the whole job: peak memory, time and sound against its length.

python -m benchmarks.long [--minutes 1,5,15,60] [--size 320x180] [--workers 2] [--final]

The footage is 854x480 at 24 frames a second with sound, made by script and thrown away. Every verb is a process of its own.
Lengths that are not asked for are kept as this commit measured them, so that the longest, which takes an hour and more, can
be measured by itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import commit, load, save
from v2v_studio.media.probe import Probe, probe

ROOT = Path(__file__).resolve().parents[1]
FILM = "import sys; from tests.faults.long_film import film; film(sys.argv[1], float(sys.argv[2]))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", default="1,5,15,60")
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--final", action="store_true", help="instead of a draft")
    chosen = parser.parse_args()
    before = load("long")
    rows = (
        {row["minutes"]: row for row in before["measured"]["rows"]} if before and before["commit"] == commit() else {}
    )
    for minutes in map(float, chosen.minutes.split(",")):
        rows[minutes] = measure(minutes, chosen.size, chosen.workers, "final" if chosen.final else "draft")
        print(rows[minutes], flush=True)
        ordered = [rows[length] for length in sorted(rows)]
        print(save("long", {"rows": ordered, **against_length(ordered)}), flush=True)


def measure(minutes: float, size: str, workers: str, quality: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        source, project = made(Path(folder) / "long.mp4", minutes), Path(folder) / "p"
        draft = [] if quality == "final" else ["--draft"]
        verbs = {
            "init": ["init", str(project), "--size", size],
            "ingest": ["ingest", str(source)],
            "cut": ["cut"],
            "stylize": ["stylize", "-p", "preset=poster"],
            "render": ["render", *draft, "--workers", workers],
            "assemble": ["assemble"],
        }
        spent = {name: carried_out(project, verb) for name, verb in verbs.items()}
        before, after = probe(source), probe(project / "exports" / "cut01.mp4")
        return {
            "minutes": minutes,
            "frames": after.frames,
            "quality": quality,
            "wall_s": {name: round(wall, 1) for name, (wall, _, _) in spent.items()},
            "cpu_s": {name: round(cpu, 1) for name, (_, cpu, _) in spent.items()},
            "peak_mb": {name: round(peak, 1) for name, (_, _, peak) in spent.items()},
            "frames_lost": before.frames - after.frames,
            "drift_frames": drift(before, after),
        }


def made(path: Path, minutes: float) -> Path:
    """The film, by a process of its own: a verb's peak can be no lower than the memory of the process that starts it."""
    subprocess.run([sys.executable, "-c", FILM, str(path), str(minutes)], check=True, cwd=ROOT)
    return path


def carried_out(project: Path, verb: Sequence[str]) -> tuple[float, float, float]:
    """Seconds on the clock and of processors, and peak resident MB of the largest of its processes."""
    began = time.monotonic()
    inside = [] if verb[0] == "init" else ["-C", str(project)]
    process = subprocess.Popen([sys.executable, "-m", "v2v_studio", "-q", *inside, *verb], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(verb)} ended with {process.returncode}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def drift(before: Probe, after: Probe) -> float:
    """By how many frames the sound ends farther from the picture than it did in the source."""

    def ahead(found: Probe) -> float:
        (track,) = found.audio
        return track.start + track.duration - float(found.seconds(found.frames - 1))

    return round(abs(ahead(after) - ahead(before)) * float(Fraction(before.rate)), 3)


def against_length(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Peak memory as a ratio to the shortest film's, and how straight the lines of time over length are."""
    first = max(rows[0]["peak_mb"].values())
    ratios = {str(row["minutes"]): round(max(row["peak_mb"].values()) / first, 3) for row in rows}
    if len(rows) < 3:
        return {"peak_ratio": ratios, "r_squared": None}  # through two points any line is straight
    lengths = [row["minutes"] for row in rows]
    times = {kind: [sum(row[kind].values()) for row in rows] for kind in ("wall_s", "cpu_s")}
    straight = {kind: round(float(np.corrcoef(lengths, took)[0, 1] ** 2), 5) for kind, took in times.items()}
    return {"peak_ratio": ratios, "r_squared": straight}


if __name__ == "__main__":
    main()
