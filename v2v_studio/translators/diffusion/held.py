"""The pipeline that a translator keeps between pictures."""

from __future__ import annotations

import gc
from typing import Any

from v2v_studio.translators.diffusion.recipe import Recipe
from v2v_studio.translators.diffusion.schedulers import scheduler


class Held:
    """The pipeline of the last recipe, so that many pictures are painted for one loading."""

    def __init__(self) -> None:
        self._recipe: Recipe | None = None
        self._pipeline: Any = None
        self._scheduler: Any = None  # the model's own

    def pipeline(self, recipe: Recipe, schedule: str = "") -> Any:
        """The recipe's pipeline, loaded unless it is the one that is held, with a fresh scheduler of a name."""
        if recipe != self._recipe:
            from v2v_studio.translators.diffusion.pipelines import load  # here: it takes seconds to import

            self._recipe = self._pipeline = None
            gc.collect()  # two models need not fit beside each other
            self._pipeline = load(recipe)
            self._scheduler = self._pipeline.scheduler
            self._recipe = recipe
        self._pipeline.scheduler = scheduler(schedule, self._scheduler)
        return self._pipeline
