"""What `v2v evaluate` says of outputs that are as good as they can be: where a figure has to be read from.

    python -m benchmarks.identity_metrics ../shared

The outputs of benchmarks/identity.py (the footage itself, two filters laid on every frame by itself, the second one's first
frame warped along the motion) are held against the footage; the warped one is held against the filter it came from too. What
is asked of objects, boxes and drags, is where they are in the footage: marked_boxes.json, and the middles of its boxes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.boxes import MARKED
from benchmarks.identity import made
from benchmarks.record import save
from v2v_studio.media.frames import write_png
from v2v_studio.media.probe import probe
from v2v_studio.studio.evaluate import evaluate, metric_rows
from v2v_studio.types import Array

OBJECTS = ("juggle_grass", "cups_shuffle", "car_overhead")  # marked in every fourth frame or so
CLIPS = ("bear_walk", "umbrella_spin", *OBJECTS)
KEPT = ("source", "S1 per frame", "S2 per frame", "S2 warped")
PAIRS = (*((kind, "source") for kind in KEPT), ("S2 warped", "S2 per frame"))  # output, and what it is held against


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--frames", type=int, default=17)
    parser.add_argument("--size", default="384x216")
    chosen = parser.parse_args()
    sys.path.insert(0, str(chosen.shared / "tools"))
    box = tuple(map(int, chosen.size.split("x")))
    with tempfile.TemporaryDirectory() as folder:
        asked = {}
        for seed, clip in enumerate(CLIPS):
            path = chosen.shared / "footage" / f"{clip}.mp4"
            for kind, frames in made(path, chosen.frames, box, seed)[2].items():
                keep(Path(folder) / kind / clip, frames)
                if clip in OBJECTS:
                    keep(Path(folder) / "objects" / kind / clip, frames)
            if clip in OBJECTS:
                asked[clip] = about(path, chosen.frames, frames[0].shape[:0:-1])
            print(clip, file=sys.stderr, flush=True)
        (Path(folder) / "asked.json").write_text(json.dumps(asked))
        print(save("identity-metrics", measured(Path(folder))))


def measured(folder: Path) -> list[dict[str, Any]]:
    """A row a metric: its value for each of PAIRS, or the models that are not on this machine."""
    about_metrics = [row for row in metric_rows() if not row["absent"]]
    values: dict[str, dict[str, float | None]] = {}
    here = [row for row in about_metrics if not row["missing"]]
    for place, of_objects in ((folder, False), (folder / "objects", True)):
        names = [row["name"] for row in here if bool({"boxes", "drags"} & set(row["needs"])) == of_objects]
        for kind, against in PAIRS:
            out = folder / f"{place.name}-{kind}-{against}.json"
            asked = folder / "asked.json" if of_objects else None
            mean = evaluate(place / kind, place / against, names, out, asked)["mean"]
            for name in names:
                values.setdefault(name, {})[called(kind, against)] = mean[name]
            print(kind, against, file=sys.stderr, flush=True)
    return [
        {
            "metric": row["name"],
            "better": row["better"],
            "unit": row["unit"],
            **({"missing": row["missing"]} if row["missing"] else {"values": rounded(values[row["name"]])}),
        }
        for row in about_metrics
    ]


def called(kind: str, against: str) -> str:
    return kind if against == "source" else f"{kind}, against {against}"


def rounded(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else float(f"{value:.4g}") for name, value in values.items()}


def about(path: Path, count: int, size: Sequence[int]) -> dict[str, Any]:
    """What is asked of a clip's object: its boxes as shares, between the marked frames in a straight line, and the path of
    their middle in pixels of the (W, H) frames."""
    marked = {int(frame): at for frame, at in json.loads(MARKED.read_text())["clips"][path.name]["boxes"].items() if at}
    whole = probe(path)
    boxes = between(marked, count) / np.array([whole.width, whole.height] * 2)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 * np.array(size)
    return {"boxes": boxes.tolist(), "drags": [middles.tolist()]}


def between(marked: dict[int, list[float]], count: int) -> np.ndarray:
    """(count, 4): boxes of the first frames."""
    frames = sorted(marked)
    return np.stack(
        [np.interp(range(count), frames, [marked[frame][side] for frame in frames]) for side in range(4)], 1
    )


def keep(folder: Path, frames: Sequence[Array]) -> None:
    """A clip as a folder of pictures."""
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames):
        write_png(folder / f"{t:05d}.png", frame)


if __name__ == "__main__":
    main()
