"""What the measures of a take say of outputs that are as good as they can be: the bounds of metrics/flags.py stand on it.

    python -m benchmarks.identity ../shared

Over clips of the shared folder, each frame of which is made in three ways: the footage itself; a filter laid on every frame
by itself (S1 a smooth colour table, S2 a cartoon with ink); and the first filtered frame warped along the motion, nothing
else. Motion is the tracker's, of final quality.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import save
from v2v_studio.flow.longrange import Tracker
from v2v_studio.media.frames import fit, from_uint8, to_uint8
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.metrics.take import TakeMetrics
from v2v_studio.types import Anchor, Array, FlowField
from v2v_studio.warping import backward_warp, pixels, planes

CLIPS = (
    "bear_walk",
    "bedroom_jump",
    "umbrella_spin",
    "car_turn",
    "bmx_trees",
    "mallard_water",
    "juggle_grass",
    "apple_orbit",
)
MEASURES = ("temporal_difference_error", "flicker", "colour_drift", "sharpness", "visible")
SHARES = (1, 5, 50, 95, 99)  # per cent of the frames that lie below


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--size", default="384x216")
    chosen = parser.parse_args()
    sys.path.insert(0, str(chosen.shared / "tools"))
    box = tuple(map(int, chosen.size.split("x")))
    rows = {kind: [] for kind in ("source", "S1 per frame", "S2 per frame", "S2 warped")}  # type: dict[str, list[Any]]
    for seed, clip in enumerate(CLIPS):
        for kind, row in measured(chosen.shared / "footage" / f"{clip}.mp4", chosen.frames, box, seed):
            rows[kind].append(row)
        print(clip, file=sys.stderr, flush=True)
    print(save("identity", [summary(kind, found) for kind, found in rows.items()]))


def measured(path: Path, count: int, box: tuple[int, int], seed: int) -> Iterator[tuple[str, dict[str, float]]]:
    """(way of making, row of a take's metrics) for every frame but the first."""
    frames, entries, ways = made(path, count, box, seed)
    for kind, pictures in ways.items():
        take = TakeMetrics(Anchor(frames[0], pictures[0]))
        for t, entry in enumerate(entries, 1):
            yield kind, take.add(frames[t - 1], frames[t], pictures[t - 1], pictures[t], entry)


def made(
    path: Path, count: int, box: tuple[int, int], seed: int
) -> tuple[list[Array], list[FlowField], dict[str, list[Array]]]:
    """The first frames of a clip, their motion against the first, and way of making -> what is made of them."""
    from propagation_bench import PointwiseStyle, SpatialStyle  # of the shared folder

    about = probe(path)
    frames = list(islice(open_reader(path, about).frames(size=fit((about.width, about.height), box)), count))
    filters = {
        "source": lambda frame: frame,
        "S1 per frame": filtered(PointwiseStyle(seed)),
        "S2 per frame": filtered(SpatialStyle(seed)),
    }
    ways = {kind: [way(frame) for frame in frames] for kind, way in filters.items()}
    tracker, entries = Tracker(frames[0]), list[FlowField]()
    for before, frame in pairwise(frames):
        entries.append(tracker.step(before, frame, entries[-1] if entries else None))
    first = ways["S2 per frame"][0]
    ways["S2 warped"] = [first, *(planes(backward_warp(pixels(first), pixels(e.displacement[0]))) for e in entries)]
    return frames, entries, ways


def filtered(style: Any) -> Any:
    """A filter of the benchmark, which takes blue before red in 8 bits, as one of our frames."""

    def way(frame: Array) -> Array:
        done = style(np.ascontiguousarray(to_uint8(frame)[::-1].transpose(1, 2, 0)))
        return from_uint8(np.ascontiguousarray(done.transpose(2, 0, 1)[::-1]))

    return way


def summary(kind: str, rows: list[dict[str, float]]) -> dict[str, Any]:
    """Of each measure, the values that so many per cent of all frames lie below."""
    shares = {
        measure: {str(share): round(float(np.percentile([row[measure] for row in rows], share)), 4) for share in SHARES}
        for measure in MEASURES
    }
    return {"made": kind, "frames": len(rows), **shares}


if __name__ == "__main__":
    main()
