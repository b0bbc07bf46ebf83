"""Train: a recipe over shards, into a folder that is rendered with or trained on from."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from v2v_studio.params import option_rows
from v2v_studio.studio.desk import Tell, silent
from v2v_studio.training.recipe import CONFIGS, RECIPES, recipe
from v2v_studio.training.shards import Shards, shard_files


def recipe_rows() -> list[dict[str, str]]:
    """Every recipe with a line on each."""
    return [{"recipe": name, "what": _summary(name)} for name in RECIPES.names()]


def recipe_help(name: str) -> dict[str, Any]:
    """What a recipe says of itself, its options with the paper's values, and what other sizes change of them.

    Raises:
        UsageError: there is no such recipe.
    """
    found = RECIPES.load(name)
    about = {"about": found.__doc__ or "", "options": option_rows(found.Params), "changes": found.changes}
    return {"recipe": name, "what": _summary(name), **about}


def train_recipe(
    name: str,
    data: Sequence[str | Path],
    out: Path,
    steps: int,
    config: str = "released",
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    save_every: int = 500,
    device: Literal["auto", "cpu"] = "auto",
    on_progress: Tell = silent,
) -> dict[str, Any]:
    """Train, or go on where a run was stopped.

    Args:
        data: shards, as `shards.shard_files` takes them.
        out: the run's folder.
        steps: in all.
        options: of the recipe.

    Returns:
        `out`, `steps`, and what the log says of the last step: `loss` and more; nothing of it where no step was left.

    Raises:
        StudioError: as `loop.train`; UsageError also for a recipe, config or option that is none, and where no shard is.
    """
    chosen = recipe(name, config, options)
    shard_files(data)
    from v2v_studio.training.loop import Run, train

    size = next(known for known in CONFIGS if known == config)
    run = Run(name, chosen, size, out, steps, seed, save_every, device)
    last = train(run, lambda process, processes: Shards(data, seed, process, processes), on_progress)
    return {"out": str(out), "steps": steps, **last}


def _summary(name: str) -> str:
    """The first line of the recipe's module, without where it is from."""
    module = sys.modules[RECIPES.load(name).__module__]
    return (module.__doc__ or "").strip().splitlines()[0].partition(" (")[0].rstrip(".")
