"""What a recipe is: one published stage of training.

A recipe says which networks there are, which of their weights are trained, what is made of clips and what the loss is.
The loop (loop.py) does all else: it is the same for every recipe.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from v2v_studio.errors import unknown
from v2v_studio.params import parse_params
from v2v_studio.training.recipes import CONFIGS, RECIPES, Config
from v2v_studio.training.sample import Sample

if TYPE_CHECKING:
    import torch
    from torch import nn

Batch: TypeAlias = "dict[str, torch.Tensor]"


class Loss(NamedTuple):
    """What is brought down, a scalar, and what it is made of by name, for the log."""

    total: torch.Tensor
    parts: dict[str, torch.Tensor] = {}  # noqa: RUF012  # never written to


class TrainingParams(BaseModel):
    """What any recipe can be told. The defaults of a recipe are its paper's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    height: int = Field(multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(ge=1, description="Clips at once, on each device.")
    accumulation: int = Field(1, ge=1, description="Batches whose gradients make one step.")
    learning_rate: float = Field(gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    weight_decay: float = Field(1e-2, ge=0, description="Of AdamW.")
    warmup: int = Field(0, ge=0, description="Steps over which the learning rate rises from zero; then it is constant.")
    clip: float = Field(1.0, gt=0, description="Longest gradient; longer ones are shortened to it.")
    ema: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Decay of a moving average of the weights, kept in their place at the end; 0: none.",
    )
    precision: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="Numbers the loss is worked out in; auto: bfloat16 on a GPU, float32 on a CPU."
    )
    gradient_checkpointing: bool = Field(False, description="Less memory for a third more time.")
    start: str = Field(
        "", description="Where weights come from: folders or models, the first that has a network gives it."
    )


class Recipe(ABC):
    """One stage of training. Its docstring says what is trained and frozen, the loss, what of the conditioning is dropped
    how often, the schedule, and where the released code departs; the paper's values are the defaults of its Params.

    Args:
        params: of its class `Params`.

    Attributes:
        Params: its options.
        changes: which of them another size than the released one has otherwise.
        parts: where, in a folder laid out as a converted release is, each trained network is written.
    """

    Params: ClassVar[type[TrainingParams]]
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]]
    parts: ClassVar[Mapping[str, str]]

    def __init__(self, params: Any) -> None:
        self.params = params

    @abstractmethod
    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        """All networks by name, on the CPU in float32: read for "released", else read where `start` has them and drawn.

        Raises:
            MissingError: weights are not on this machine.
        """

    @abstractmethod
    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        """Names of the weights that are trained, as `networks.named_parameters()` has them; all others stay frozen."""

    @abstractmethod
    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        """Tensors of some samples, on the networks' device: all that frozen networks make of them. Run without gradients.

        Args:
            draw: on the CPU; the only source of chance, so that a run that goes on draws what it would have.

        Raises:
            MediaError: a sample lacks what the recipe needs.
        """

    @abstractmethod
    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        """The loss of a batch. Run in the precision chosen, with gradients."""

    def export(self, networks: nn.ModuleDict, folder: Path) -> None:
        """Write what was trained, to be rendered with or to start from."""
        for name, part in self.parts.items():
            networks[name].save_pretrained(folder / part)  # type: ignore[operator]


def recipe(name: str, config: str = "released", options: Mapping[str, Any] | None = None) -> Recipe:
    """A recipe by name, its options the paper's but for what the size changes and what is asked for.

    Raises:
        UsageError: there is no such recipe, size or option, or a value that the option refuses.
    """
    found = RECIPES.load(name)
    if config not in CONFIGS:
        raise unknown("config", config, CONFIGS)
    changed = {**found.changes.get(config, {}), **(options or {})}
    return found(parse_params(found.Params, changed, f"recipe '{name}'"))
