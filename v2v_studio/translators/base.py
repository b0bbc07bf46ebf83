"""What an image translator is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from v2v_studio.registry import Registry
from v2v_studio.types import Array

OnStep = Callable[[int, int], None]  # steps done, steps in all; what it raises (Cancelled) ends the work


def silent(done: int, steps: int) -> None:
    """Tells nobody."""


class ImageTranslator(Protocol):
    """A maker of first frames.

    The contract, tested for every registered name: the result has the image's size, is finite and in [0, 1]; the same
    image, params and seed give the same bytes; the image is not changed; `on_step` hears of the last step.
    """

    Params: type[BaseModel]

    def translate(self, image: Array, params: BaseModel, seed: int, on_step: OnStep = silent) -> Array:
        """image (3, H, W) RGB in [0, 1] -> the styled image, same shape."""
        ...


@runtime_checkable
class Weighted(Protocol):
    """A translator that works by weights on this machine."""

    def weights(self, params: BaseModel) -> dict[str, str]:
        """What its options name -> the sha256 of the weights behind it. MissingError where they are not here."""
        ...


@runtime_checkable
class Controlled(Protocol):
    """A translator that draws from the image what is to be kept of it."""

    def controls(self, image: Array, params: BaseModel, seed: int) -> dict[str, Array]:
        """What each control is called -> its picture, (3, H, W) in [0, 1]."""
        ...


TRANSLATORS = Registry(
    "translator",
    {
        "controlnet": "v2v_studio.translators.controlnet:ControlNet",
        "filters": "v2v_studio.translators.filters:Filters",
        "img2img": "v2v_studio.translators.img2img:Img2Img",
        "instruct": "v2v_studio.translators.instruct:Instruct",
        "painted": "v2v_studio.translators.painted:Painted",
        "reference": "v2v_studio.translators.reference:Reference",
        "text2img": "v2v_studio.translators.text2img:Text2Img",
    },
)
