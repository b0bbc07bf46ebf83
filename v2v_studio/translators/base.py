"""What an image translator is."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel

from v2v_studio.registry import Registry
from v2v_studio.types import Array


class ImageTranslator(Protocol):
    """A maker of first frames.

    The contract, tested for every registered name: the result has the image's size, is finite and in [0, 1]; the same
    image, params and seed give the same bytes; the image is not changed.
    """

    Params: type[BaseModel]

    def translate(self, image: Array, params: BaseModel, seed: int) -> Array:
        """image (3, H, W) RGB in [0, 1] -> the styled image, same shape."""
        ...


TRANSLATORS = Registry(
    "translator",
    {
        "filters": "v2v_studio.translators.filters:Filters",
        "painted": "v2v_studio.translators.painted:Painted",
        "reference": "v2v_studio.translators.reference:Reference",
    },
)
