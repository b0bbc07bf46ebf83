"""A look: one way of making first frames, and what comes of it on one frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from v2v_studio.errors import MediaError
from v2v_studio.fingerprint import file_digest
from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.studio.mask import Mask
from v2v_studio.studio.origin import versions
from v2v_studio.tracks.composite import composite
from v2v_studio.tracks.mask import feathered
from v2v_studio.translators.base import Controlled, ImageTranslator, OnStep, Weighted
from v2v_studio.translators.palette import matched
from v2v_studio.types import Array

LIKE_TONE, LIKE_COLOUR = 0.35, 0.7  # how far a first frame is drawn towards its model: a dark shot stays a dark shot
NETWORKS = ("torch", "diffusers", "transformers")  # packages that decide what weights give


@dataclass(frozen=True)
class Model:
    """The picture (3, H, W) of a first frame that others are to look like, its digest, and how far they are drawn to it."""

    image: Array
    sha256: str
    tone: float = LIKE_TONE
    colour: float = LIKE_COLOUR

    @property
    def recipe(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "tone": self.tone, "colour": self.colour}


@dataclass(frozen=True)
class Look:
    """Everything that decides a first frame but the frame itself.

    Attributes:
        name: of the translator.
        model: what the result is drawn towards in colour.
        mask: where the result differs from the frame.
        painted: the picture of `mask`, (H, W) in [0, 1].
    """

    name: str
    maker: ImageTranslator
    params: BaseModel
    seed: int
    model: Model | None = None
    mask: Mask | None = None
    painted: Array | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The translator's options as plain values."""
        return self.params.model_dump(mode="json")

    @property
    def weights(self) -> dict[str, str]:
        """What its options name of weights -> sha256."""
        return self.maker.weights(self.params) if isinstance(self.maker, Weighted) else {}

    @property
    def versions(self) -> dict[str, str]:
        return versions(*NETWORKS) if isinstance(self.maker, Weighted) else versions()

    def recipe(self) -> dict[str, Any]:
        """As plain values; files and weights by digest.

        Raises:
            MediaError: a picture that an option names is not there.
            MissingError: weights are not on this machine.
        """
        file = getattr(self.params, "file", None)
        weights = self.weights
        return {
            "translator": self.name,
            "params": self.options | ({"file": picture_digest(Path(file))} if file else {}),
            "seed": self.seed,
            "versions": self.versions,
            **({"weights": weights} if weights else {}),
            **({"mask": self.mask.recipe} if self.mask else {}),
            **({"like": self.model.recipe} if self.model else {}),
        }

    def of(self, image: Array, on_step: OnStep) -> Array:
        """The look on a frame (3, H, W), in 256 steps."""
        styled = self.maker.translate(image, self.params, self.seed, on_step)
        if self.model:
            styled = matched(styled, self.model.image, self.model.tone, self.model.colour)
        if self.mask and self.painted is not None:
            mask = feathered(self.painted, self.mask.feather)
            styled = composite(image, styled, 1 - mask if self.mask.protect else mask)
        return from_uint8(to_uint8(styled))

    def controls(self, image: Array) -> dict[str, Array]:
        """The pictures that the look is held to on a frame, by name."""
        return self.maker.controls(image, self.params, self.seed) if isinstance(self.maker, Controlled) else {}


def picture_digest(file: Path) -> str:
    """sha256 of a picture's file. MediaError where there is none."""
    if not file.is_file():
        raise MediaError(f"{file} does not exist; check the spelling and the folder")
    return file_digest(file)
