"""What the diffusion translators do alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from v2v_studio.translators.base import OnStep, silent
from v2v_studio.translators.diffusion.held import Held
from v2v_studio.translators.diffusion.params import DiffusionParams
from v2v_studio.translators.diffusion.recipe import Recipe, Task, recipe, weights
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
