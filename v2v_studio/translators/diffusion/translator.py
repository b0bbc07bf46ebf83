"""What the diffusion translators do alike."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from v2v_studio.translators.base import OnStep, silent
from v2v_studio.translators.diffusion.params import DiffusionParams
from v2v_studio.translators.diffusion.recipe import Recipe, Task, recipe, weights
from v2v_studio.translators.diffusion.schedulers import scheduler
from v2v_studio.types import Array


class Diffusion:
    """An image translator by a diffusers pipeline, found and checked before anything heavy is imported.

    Attributes:
        Params, task: its options, and what it does with the frame.
    """

    Params: ClassVar[type[DiffusionParams]]
    task: ClassVar[Task]

    def __init__(self) -> None:
        self._held = Held()

    def translate(self, image: Array, params: BaseModel, seed: int, on_step: OnStep = silent) -> Array:
        """image (3, H, W) RGB in [0, 1] -> what the model makes of it, same shape.

        Raises:
            MissingError: a model is not on this machine.
            UsageError: an option does not fit the model.
            RenderError, ResourceError: as `running.paint`.
        """
        given = self.Params.model_validate(params)
        made = self._found(given)
        controls = self._drawn(image, given, seed)
        from v2v_studio.translators.diffusion.running import paint  # here: it takes seconds to import

        return paint(self._held, made, given, image, seed, on_step, controls)

    def weights(self, params: BaseModel) -> dict[str, str]:
        """What its options name -> the sha256 of the weights behind it."""
        given = self.Params.model_validate(params)
        return weights(self._found(given), given)

    def _found(self, given: Any) -> Recipe:
        """What the options name, on this machine."""
        return recipe(given, self.task)

    def _drawn(self, image: Array, given: Any, seed: int) -> Sequence[tuple[Array, float]]:
        """The picture for each ControlNet, and how strongly it works."""
        return ()


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
