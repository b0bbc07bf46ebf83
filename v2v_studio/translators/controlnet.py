"""A first frame repainted with the footage's lines, depth or poses kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, field_validator

from v2v_studio.errors import UsageError, unknown
from v2v_studio.models.digest import digest
from v2v_studio.models.weights import locate
from v2v_studio.translators.annotators import ANNOTATORS, annotate
from v2v_studio.translators.diffusion.loras import weighed
from v2v_studio.translators.diffusion.params import RepaintParams
from v2v_studio.translators.diffusion.recipe import Recipe, located, recipe
from v2v_studio.translators.diffusion.translator import Diffusion
from v2v_studio.types import Array

DRAWN_BY = {  # control -> the annotator that draws it; none: the frame itself
    "canny": "canny",
    "depth": "midas",
    "lineart": "lineart",
    "lineart-anime": "lineart-anime",
    "mlsd": "mlsd",
    "normal": "normalbae",
    "openpose": "openpose",
    "scribble": "pidi",
    "shuffle": "shuffle",
    "softedge": "hed",
    "tile": None,
}


@dataclass(frozen=True)
class Control:
    """What is kept of the frame.

    Attributes:
        name: of DRAWN_BY, or an annotator.
        net: the ControlNet that reads it, by name or folder.
        weight: how strongly it works.
    """

    name: str
    net: str
    weight: float

    @property
    def annotator(self) -> str | None:
        return DRAWN_BY.get(self.name, self.name)

    @property
    def needs(self) -> str | None:
        """The name of its annotator's weights; None where there are none."""
        return ANNOTATORS[self.annotator].weights if self.annotator else None


def parse_controls(text: str) -> tuple[Control, ...]:
    """`"canny, depth=my/net:0.6"` -> two controls. Without a weight it is 1, without a net the one of the manifest.

    Raises:
        UsageError: no such control, one twice, or none at all.
    """
    controls = []
    for part in text.split(","):
        what, weight = weighed(part, "control")
        name, _, net = (word.strip() for word in what.partition("="))
        if name in ANNOTATORS and name not in DRAWN_BY and not net:
            raise UsageError(
                f"'{name}' is an annotator; say which ControlNet reads it: {name}=controlnet-...:{weight:g}"
            )
        if name not in DRAWN_BY and name not in ANNOTATORS:
            raise unknown("control", name, DRAWN_BY)
        controls.append(Control(name, net or f"controlnet-{name}", weight))
    if len({control.name for control in controls}) < len(controls):
        raise UsageError(f"'{text}' names a control twice; give each once")
    return tuple(controls)


class ControlNetParams(RepaintParams):
    controls: str = Field(
        "canny",
        description="What is kept, each with its weight: canny:1, depth:0.6 (" + ", ".join(DRAWN_BY) + "); with a "
        "ControlNet of your own: canny=folder:1",
    )
    strength: float = Field(
        0.8, gt=0, le=1, description="How far from the footage's colours: 1 keeps the controls alone."
    )

    @field_validator("controls")
    @classmethod
    def _readable_controls(cls, text: str) -> str:
        parse_controls(text)
        return text


class ControlNet(Diffusion):
    """The footage frame repainted by ControlNets that keep its lines, depth or poses.

    An annotator draws each control from the frame; each has a ControlNet that the model follows (Zhang et al. 2023).
    """

    Params = ControlNetParams
    task = "img2img"

    def controls(self, image: Array, params: BaseModel, seed: int) -> dict[str, Array]:
        """What each control is called -> what its annotator draws, (3, H, W) in [0, 1].

        Raises:
            MissingError: the weights of an annotator are not on this machine.
        """
        controls = parse_controls(ControlNetParams.model_validate(params).controls)
        located([control.needs for control in controls if control.needs])  # before the first is drawn
        return {control.name: draw(control, image, seed) for control in controls}

    def weights(self, params: BaseModel) -> dict[str, str]:
        """What its options name -> the sha256 of the weights behind it, those of annotators included."""
        controls = parse_controls(ControlNetParams.model_validate(params).controls)
        names = [name for control in controls for name in (control.net, control.needs) if name]
        return super().weights(params) | {name: digest(locate(name)) for name in names}

    def _found(self, given: Any) -> Recipe:
        controls = parse_controls(given.controls)
        nets = [control.net for control in controls]
        return recipe(given, self.task, nets, [control.needs for control in controls if control.needs])

    def _drawn(self, image: Array, given: Any, seed: int) -> list[tuple[Array, float]]:
        pictures = self.controls(image, given, seed)
        return [(pictures[control.name], control.weight) for control in parse_controls(given.controls)]


def draw(control: Control, image: Array, seed: int) -> Array:
    """A control's picture of a frame, same shape."""
    if control.annotator is None:
        return image
    return annotate(control.annotator, image, locate(control.needs) if control.needs else None, seed)
