"""Whether each recipe can learn at all: four clips at toy width, again and again, until it knows them by heart.

    python -m benchmarks.overfit [RECIPE ...] [--steps 600]

The clips are the tests': a square of one colour that moves over a ground of another, with its motion, box and caption. Every
step sees all four, nothing is left out, and what a step draws (times, noises, frames) comes again after four steps: 16
pairs of time and noise in all. Fresh noise at every step would ask for more than knowing four clips by heart, and noise at
small times can hardly be told at all. A loss here is the mean over those four steps. A run ends where it has come to
three hundredths of its beginning, or after so many steps.

A recipe that leaves layers frozen begins, as it is published to, with layers that are trained: by a short run on four other
clips. Behind a last convolution as it was drawn, no loss could come far down. SMCD's begin with layers as they were drawn,
the last of which its recipes make louder.

first, last    loss of the first four steps and of the last four
share          last / first; under a tenth is what a recipe must reach
seconds        of one step, on one thread
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.curves import Curve, picture
from benchmarks.record import load, save
from tests.training.squares import clip
from v2v_studio.training.log import entries
from v2v_studio.training.loop import Run, train
from v2v_studio.training.recipe import recipe
from v2v_studio.training.recipes import RECIPES
from v2v_studio.training.sample import Sample, State
from v2v_studio.types import Array

CLIPS, NOISES, SHARE, ENOUGH = 4, 4, 0.1, 0.03
LOOKED = 20  # steps from one look at the loss to the next
SMALL = {"height": 16, "width": 16, "frames": 3}  # what a recipe has of it
POINTS = 120  # of a curve
Begun = dict[str, tuple[str, dict[str, Any]]]
BEGUN: Begun = {  # recipes that leave layers frozen, and the run on other clips that trains those
    "motion_i2v_stage1 temporal": ("motion_i2v_stage1", {"phase": "single-flow"}),
    "motion_i2v_controlnet": ("motion_i2v_stage1", {"phase": "full"}),
    "motion_i2v_stage2": ("motion_i2v_stage2", {"pictures": True}),
}
BEFORE = 40  # steps of it
PHASES = {"motion_i2v_stage1": ("single-flow", "temporal", "full")}
NAME = "training-overfit"


class Enough(Exception):
    """It has learnt them."""


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
    parser.add_argument(
        "recipes", nargs="*", help="Recipes, or RECIPE:PHASE, to measure again; all where none is named."
    )
    parser.add_argument("--steps", type=int, default=600)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    before = load(NAME)
    rows = {row["recipe"]: row for row in (before["measured"] if before else [])}
    for asked in chosen.recipes or RECIPES.names():
        name, _, phase = asked.partition(":")
        for part in (phase,) if phase else PHASES.get(name, (None,)):
            row = measured(name, part, chosen.steps)
            rows[row["recipe"]] = row
            print({key: value for key, value in row.items() if key != "curve"}, flush=True)
            save(NAME, [rows[key] for key in sorted(rows)])


def drawn() -> Array:
    """The curves of all that was measured."""
    found = load(NAME) or {"measured": []}
    return picture([Curve(row["recipe"], row["curve"], row["steps"]) for row in found["measured"]], SHARE)


def measured(name: str, phase: str | None, steps: int) -> dict[str, Any]:
    """One recipe, or one of its phases, from its first step to its last."""
    called = f"{name} {phase}" if phase else name
    asked: dict[str, Any] = {"phase": phase} if phase else {}
    with tempfile.TemporaryDirectory() as folder:
        if called in BEGUN:
            before, options = BEGUN[called]
            others = [clip(number) for number in range(CLIPS, 2 * CLIPS)]
            run = learn(before, options, others, Path(folder) / "before", BEFORE, 1, whole=True)
            asked["start"] = str(run.out)
        run = learn(name, asked, [clip(number) for number in range(CLIPS)], Path(folder) / "run", steps)
        losses, lines = means(run.out), entries(run.out)
    at = np.unique(np.linspace(0, len(losses) - 1, POINTS).astype(int))
    return {
        "recipe": called,
        "steps": len(lines),
        "learning_rate": run.recipe.params.learning_rate,
        "first": round(float(losses[0]), 5),
        "last": round(float(losses[-1]), 5),
        "share": round(float(losses[-1] / losses[0]), 4),
        "seconds": round(float(np.median([line["seconds"] for line in lines])), 3),
        "curve": [[int(place) * NOISES, round(float(losses[place] / losses[0]), 4)] for place in at],
    }


def learn(
    name: str, asked: dict[str, Any], clips: list[Sample], out: Path, steps: int, seed: int = 0, whole: bool = False
) -> Run:
    """A run over these clips, until it knows them or has made so many steps; `whole`: all of them."""
    fields = RECIPES.load(name).Params.model_fields
    options: dict[str, Any] = {"batch": CLIPS, "accumulation": 1, **asked}
    options |= {option: value for option, value in SMALL.items() if option in fields}
    options |= {option: 0.0 for option in fields if option.endswith("_drop")}
    chosen = recipe(name, "toy", options)
    run = Run(name, chosen, "toy", out, steps, seed, save_every=steps, device="cpu", noises=NOISES)

    def look(done: int, total: int) -> None:
        if not whole and done and done % LOOKED == 0 and (losses := means(out))[-1] < ENOUGH * losses[0]:
            raise Enough

    with suppress(Enough):
        train(run, lambda process, processes: InOrder(clips), look)
    return run


def means(folder: Path) -> np.ndarray:
    """The losses of a run, a mean over each round of noises."""
    losses = [line["loss"] for line in entries(folder)]
    return np.array(losses[: len(losses) // NOISES * NOISES]).reshape(-1, NOISES).mean(1)


if __name__ == "__main__":
    main()
