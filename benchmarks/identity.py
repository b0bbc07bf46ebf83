"""What the measures of a take say of outputs that are as good as they can be: the bounds of metrics/flags.py stand on it.

    python -m benchmarks.identity ../shared [--evaluate]

Over clips of the shared folder, each frame of which is made in three ways: the footage itself; a filter laid on every frame
by itself (S1 a smooth colour table, S2 a cartoon with ink); and the first filtered frame warped along the motion, nothing
else. Motion is the tracker's, of final quality. With --evaluate: what `v2v evaluate` says of the same against the footage.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import save
from v2v_studio.flow.longrange import Tracker
from v2v_studio.media.frames import fit, from_uint8, to_uint8, write_png
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.metrics.take import TakeMetrics
from v2v_studio.studio.evaluate import evaluate
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
EVALUATED = (
    "warp_error",
    "temporal_difference",
    "flicker",
    "colour_drift",
    "sharpness",
    "temporal_flickering",
    "displacement",
    "motion_epe",
)
MEASURES = ("temporal_difference_error", "flicker", "colour_drift", "sharpness", "visible")
SHARES = (1, 5, 50, 95, 99)  # per cent of the frames that lie below


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--size", default="384x216")
    parser.add_argument("--evaluate", action="store_true", help="half of the clips")
    chosen = parser.parse_args()
    sys.path.insert(0, str(chosen.shared / "tools"))
    box = tuple(map(int, chosen.size.split("x")))
    clips = {clip: chosen.shared / "footage" / f"{clip}.mp4" for clip in CLIPS}
    if chosen.evaluate:
        half = dict(list(clips.items())[::2])
        print(save("identity-evaluate", evaluated(half, chosen.frames, box)))
        return
    rows: dict[str, list[dict[str, float]]] = {}
    for seed, (clip, path) in enumerate(clips.items()):
        frames, entries, ways = made(path, chosen.frames, box, seed)
        for kind, outputs in ways.items():
            rows.setdefault(kind, []).extend(measured(frames, outputs, entries))
        print(clip, file=sys.stderr, flush=True)
    print(save("identity", [summary(kind, found) for kind, found in rows.items()]))


def made(
    path: Path, count: int, box: tuple[int, ...], seed: int
) -> tuple[list[Array], list[FlowField], dict[str, list[Array]]]:
    """The footage's frames, its motion against the first, and way of making -> outputs."""
    from propagation_bench import PointwiseStyle, SpatialStyle  # of the shared folder

    about = probe(path)
    size = fit((about.width, about.height), (box[0], box[1]))
    frames = list(islice(open_reader(path, about).frames(size=size), count))
    tracker, entries = Tracker(frames[0]), list[FlowField]()
    for before, frame in pairwise(frames):
        entries.append(tracker.step(before, frame, entries[-1] if entries else None))
    ways = {
        "source": frames,
        "S1 per frame": list(map(filtered(PointwiseStyle(seed)), frames)),
        "S2 per frame": list(map(filtered(SpatialStyle(seed)), frames)),
    }
    first = ways["S2 per frame"][0]
    ways["S2 warped"] = [first, *(planes(backward_warp(pixels(first), pixels(e.displacement[0]))) for e in entries)]
    return frames, entries, ways


def measured(frames: list[Array], outputs: list[Array], entries: list[FlowField]) -> list[dict[str, float]]:
    """A row of a take's metrics for every frame but the first."""
    take = TakeMetrics(Anchor(frames[0], outputs[0]))
    for t, entry in enumerate(entries, 1):
        take.add(frames[t - 1], frames[t], outputs[t - 1], outputs[t], entry)
    return take.rows


def evaluated(clips: dict[str, Path], count: int, box: tuple[int, ...]) -> list[dict[str, Any]]:
    """The means of EVALUATED over the clips, for each way of making."""
    with tempfile.TemporaryDirectory() as folder:
        root, kinds = Path(folder), dict[str, None]()
        for seed, (clip, path) in enumerate(clips.items()):
            frames, _, ways = made(path, count, box, seed)
            for kind, outputs in {"footage": frames, **ways}.items():
                kinds[kind] = None
                (root / kind / clip).mkdir(parents=True)
                for t, frame in enumerate(outputs):
                    write_png(root / kind / clip / f"{t:04d}.png", frame)
        del kinds["footage"]
        return [
            {
                "made": kind,
                "clips": len(clips),
                **evaluate(root / kind, root / "footage", EVALUATED, root / "out.json")["mean"],
            }
            for kind in kinds
        ]


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
