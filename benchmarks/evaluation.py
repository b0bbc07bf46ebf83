"""`v2v evaluate` against the benchmark tool of the shared folder: whether both put four renderers in the same order.

    python -m benchmarks.evaluation ../shared [--draft]

The renderers need no weights: the first styled frame repeated (copy); warped by one optical flow to frame 0 (direct); the
embedded renderer; and the embedded renderer as for paint, without its model of colour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import save
from v2v_studio.flow.longrange import Tracker, TrackParams
from v2v_studio.media.frames import write_png
from v2v_studio.renderers.embedded.draft import Draft
from v2v_studio.renderers.embedded.final import Final
from v2v_studio.studio.evaluate import evaluate
from v2v_studio.types import Anchor, Array, Window

CLIPS = ("bear_walk", "bedroom_jump", "umbrella_spin", "car_turn")
STYLES = ("S1", "S2")
SAME = {"psnr": "psnr", "ssim": "ssim", "gmsd": "gmsd", "tX": "temporal_difference"}  # the tool's name -> ours
HIGHER = ("psnr", "ssim")
Order = list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--draft", action="store_true")
    parser.add_argument("--size", default="384x216")
    chosen = parser.parse_args()
    box = tuple(map(int, chosen.size.split("x")))
    rows = [row for style in STYLES for row in compared(chosen.shared, CLIPS, style, 9, box, chosen.draft)]
    for row in rows:
        print(row, file=sys.stderr)
    print(save(f"evaluation-{'draft' if chosen.draft else 'final'}-{chosen.size}", rows))


def compared(
    shared: Path, clips: Sequence[str], style: str, count: int, box: tuple[int, ...], draft: bool
) -> list[dict[str, Any]]:
    """For each of SAME, the means of all renderers by the tool and by us, and the order that each puts them in."""
    tool = tool_of(shared)
    ours: dict[str, dict[str, float]] = {}
    theirs: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed, clip in enumerate(clips, 1):
            frames = tool.read_clip(str(shared / "footage" / f"{clip}.mp4"), count, 2, 0, box)
            way = {"S1": tool.PointwiseStyle, "S2": tool.SpatialStyle}[style](seed)
            truth = [way(frame) for frame in frames]
            keep(Path(folder) / "truth" / clip, truth)
            flow = tool.TruthFlow(frames, truth)
            for name, made in rendered(tool, frames, truth[0], draft).items():
                keep(Path(folder) / name / clip, made)
                theirs.setdefault(name, []).append(tool.score_case(frames, truth, made, None, flow)[0])
        for name in theirs:
            out = Path(folder) / f"{name}.json"
            found = evaluate(Path(folder) / name, Path(folder) / "truth", list(SAME.values()), out)
            ours[name] = found["mean"]
    means = {name: {key: float(np.mean([row[key] for row in rows])) for key in SAME} for name, rows in theirs.items()}
    return [
        {
            "style": style,
            "clips": len(clips),
            "measure": SAME[key],
            "tool": {name: round(row[key], 4) for name, row in means.items()},
            "evaluate": {name: round(row[SAME[key]], 4) for name, row in ours.items()},
            "order by tool": order({name: row[key] for name, row in means.items()}, key in HIGHER),
            "order by evaluate": order({name: row[SAME[key]] for name, row in ours.items()}, key in HIGHER),
        }
        for key in SAME
    ]


def tool_of(shared: Path) -> Any:
    """The benchmark tool, a script of the shared folder, as a module."""
    sys.path.insert(0, str(shared / "tools"))
    try:
        import propagation_bench
    finally:
        sys.path.pop(0)
    return propagation_bench


def rendered(tool: Any, frames: list[np.ndarray], key: np.ndarray, draft: bool) -> dict[str, list[np.ndarray]]:
    """The outputs of the four renderers, as the tool has pictures: (H, W, 3) uint8, blue first; the key first of all."""
    direct = [tool.warp(key, tool.dis_flow(frame, frames[0]), tool.cv2.INTER_CUBIC) for frame in frames[1:]]
    return {
        "copy": [key] * len(frames),
        "direct": [key, *direct],
        "embedded": embedded(frames, key, draft, colour_model=True),
        "embedded without colour model": embedded(frames, key, draft, colour_model=False),
    }


def embedded(frames: list[np.ndarray], key: np.ndarray, draft: bool, colour_model: bool) -> list[np.ndarray]:
    source, styled = [ours(frame) for frame in frames], ours(key)
    renderer = (Draft if draft else Final)(Anchor(source[0], styled), 0)
    if not colour_model:
        renderer._filter = 0.0  # what it finds for paint: nothing is predicted from the footage's colours
    tracker, motion, carry = Tracker(source[0], TrackParams(quality="draft" if draft else "final")), None, {}
    made = [key]
    for t, (before, frame) in enumerate(pairwise(source), 1):
        motion = tracker.step(before, frame, motion)
        done = renderer.render(Window(t, frame[None], before), motion, carry)
        carry = done.carry
        made.append(np.rint(done.frames[0].clip(0, 1) * 255).astype(np.uint8)[::-1].transpose(1, 2, 0))
    return [np.ascontiguousarray(frame) for frame in made]


def ours(frame: np.ndarray) -> Array:
    return np.ascontiguousarray(frame[..., ::-1].transpose(2, 0, 1)).astype(np.float32) / 255


def keep(folder: Path, frames: list[np.ndarray]) -> None:
    """A clip as a folder of pictures."""
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames):
        write_png(folder / f"{t:05d}.png", ours(frame))


def order(values: Mapping[str, float], higher: bool) -> Order:
    """Names, best first."""
    return sorted(values, key=lambda name: values[name], reverse=higher)


if __name__ == "__main__":
    main()
