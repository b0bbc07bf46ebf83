"""Whether each recipe can learn at all: four clips at toy width, again and again, until it knows them by heart.

    python -m benchmarks.overfit [RECIPE ...] [--steps 1500]

The clips are the tests': a square of one colour that moves over a ground of another, with its motion, box and caption. Every
step sees all four, nothing is left out, and the times and noises of a step come again after four steps: 16 pairs in all.
Fresh noise at every step would ask for more than knowing four clips, and the loss at small times would never end. A loss
here is the mean over those four steps.

loss, first and last    mean over the first and over the last four steps
share                   last / first; under a tenth is what a recipe must reach
seconds                 of one step, on one thread
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.curves import Curve, picture
from benchmarks.record import RESULTS, load, save
from tests.training.squares import clip
from v2v_studio.media.frames import write_png
from v2v_studio.training.log import entries
from v2v_studio.training.loop import Run, train
from v2v_studio.training.recipe import RECIPES, recipe
from v2v_studio.training.sample import Sample, State

CLIPS, NOISES, SHARE = 4, 4, 0.1
POINTS = 120  # of a curve
PICTURE = RESULTS.parents[1] / "docs" / "training.png"
PHASES = {"motion_i2v_stage1": ("single-flow", "temporal", "full")}
NAME = "training-overfit"


class InOrder:
    """A stream that gives the same samples in the same order."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __iter__(self) -> Iterator[Sample]:
        return cycle(self._samples)

    def state(self) -> State:
        return {}

    def resume(self, state: State) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", help="Recipes to measure again; all where none is named.")
    parser.add_argument("--steps", type=int, default=1500)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    before = load(NAME)
    rows = {row["recipe"]: row for row in (before["measured"] if before else [])}
    for name in chosen.recipes or RECIPES.names():
        for phase in PHASES.get(name, (None,)):
            row = measured(name, phase, chosen.steps)
            rows[row["recipe"]] = row
            print({key: value for key, value in row.items() if key != "curve"}, flush=True)
            save(NAME, [rows[key] for key in sorted(rows)])
    curves = [Curve(key, rows[key]["curve"], rows[key]["steps"]) for key in sorted(rows)]
    write_png(PICTURE, picture(curves, SHARE))


def measured(name: str, phase: str | None, steps: int) -> dict[str, Any]:
    """One recipe, or one of its phases, from its first step to its last."""
    options: dict[str, Any] = {"batch": CLIPS, "accumulation": 1}
    if phase:
        options["phase"] = phase
    options |= {option: 0.0 for option in RECIPES.load(name).Params.model_fields if option.endswith("_drop")}
    clips = [clip(number) for number in range(CLIPS)]
    with tempfile.TemporaryDirectory() as folder:
        run = Run(
            name,
            recipe(name, "toy", options),
            "toy",
            Path(folder) / "run",
            steps,
            save_every=steps,
            device="cpu",
            noises=NOISES,
        )
        train(run, lambda process, processes: InOrder(clips))
        lines = entries(run.out)
    losses = np.array([line["loss"] for line in lines]).reshape(-1, NOISES).mean(1)
    at = np.unique(np.linspace(0, len(losses) - 1, POINTS).astype(int))
    return {
        "recipe": f"{name} {phase}" if phase else name,
        "steps": steps,
        "learning_rate": run.recipe.params.learning_rate,
        "first": round(float(losses[0]), 5),
        "last": round(float(losses[-1]), 5),
        "share": round(float(losses[-1] / losses[0]), 4),
        "seconds": round(float(np.median([line["seconds"] for line in lines])), 3),
        "curve": [[int(place) * NOISES, round(float(losses[place] / losses[0]), 4)] for place in at],
    }


if __name__ == "__main__":
    main()
