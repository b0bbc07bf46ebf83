"""How far ConsistI2V's windows drift from the first one of a long shot: anchored to the first frame, and autoregressive.

    python -m benchmarks.drift [--model consisti2v] [--picture photo.png]

Without a model it is the toy of the tests, whose weights are drawn at random: that shows how the two ways differ in what
they hand on, and nothing of how the released model looks. For every seed, 91 frames are made either way.

drift    Oklab distance, over 8 x 8 cells, of a window's mean picture from the first window's
contrast a window's standard deviation as a share of the first window's
seam     change from the last frame of a window to the first of the next, as a multiple of the usual change within windows
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import save
from v2v_studio.media.frames import fit, read_png, resize
from v2v_studio.metrics.colour import length, oklab
from v2v_studio.tracks.run import Pass
from v2v_studio.tracks.table import set_up
from v2v_studio.types import Anchor, Array

FRAMES, SPAN = 90, 15  # beside the first frame; the stretch that is called a window here, whichever way it was made
WINDOWS = {"anchored": 12, "autoregressive": 15}
SEEDS = (0, 1, 2)
STEPS = 10
CELLS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="A release, by name or folder; the toy where not given.")
    parser.add_argument("--picture", type=Path, help="The first frame; a photograph of skimage's where not given.")
    parser.add_argument("--size", type=int, default=64, help="Longer side that is worked at, in pixels.")
    chosen = parser.parse_args()
    picture = read_png(chosen.picture) if chosen.picture else photograph()
    _, height, width = picture.shape
    first = resize(picture, fit((width, height), (chosen.size, chosen.size)))
    with tempfile.TemporaryDirectory() as folder:
        model = chosen.model or toy(Path(folder))
        rows = [mean(windows, [measured(first, model, windows, seed) for seed in SEEDS]) for windows in WINDOWS]
    about = {
        "weights": chosen.model or "toy, drawn at random",
        "steps": STEPS,
        "frames": FRAMES + 1,
        "seeds": len(SEEDS),
    }
    rows = [{**row, **about, "size": list(first.shape[1:])} for row in rows]
    for row in rows:
        print(row)
    print(save("consisti2v-drift", rows))


def toy(folder: Path) -> str:
    """The tests' release."""
    from tests.models.consisti2v.toy_release import toy_release

    toy_release(folder / "toy")
    return os.fspath(folder / "toy")


def photograph() -> Array:
    from skimage import data

    return np.ascontiguousarray(data.chelsea()[:192, 60:348].transpose(2, 0, 1), np.float32) / 255


def measured(first: Array, model: str, windows: str, seed: int) -> dict[str, Any]:
    """Drift and contrast of every stretch, and the seams, of one render."""
    setup = set_up("animate-consisti2v", {"model": model, "windows": windows, "steps": STEPS}, seed)
    steps = Pass(setup, Anchor(first, first)).steps(first, [first] * FRAMES)
    frames = np.concatenate([step.frames for step in steps])
    stretches = frames.reshape(-1, SPAN, *first.shape)
    begin = cells(stretches[0].mean(0))
    change = np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))
    seam = np.arange(1, FRAMES) % WINDOWS[windows] == 0
    return {
        "drift": [float(length(cells(stretch.mean(0)) - begin).mean()) for stretch in stretches],
        "contrast": [float(stretch.std((2, 3)).mean() / stretches[0].std((2, 3)).mean()) for stretch in stretches],
        "seam": float(change[seam].mean() / np.median(change[~seam])),
    }


def cells(picture: Array) -> Array:
    """(3, 8, 8), the mean colour of each, in Oklab."""
    return oklab(resize(picture, (CELLS, CELLS)))


def mean(windows: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Of all seeds, each number to four places."""
    means = {key: np.round(np.mean([run[key] for run in runs], axis=0), 4).tolist() for key in runs[0]}
    return {"windows": windows, **means, "drift_last": means["drift"][-1], "contrast_last": means["contrast"][-1]}


if __name__ == "__main__":
    main()
