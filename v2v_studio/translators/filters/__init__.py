"""Looks made by image processing alone: no weights, a second or two of one core."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from v2v_studio.translators.base import OnStep, silent
from v2v_studio.translators.filters.drawing import charcoal, ink, pencil
from v2v_studio.translators.filters.light import night
from v2v_studio.translators.filters.painting import gouache, oil, pastel, watercolor
from v2v_studio.translators.filters.printing import cartoon, halftone, linocut, poster
from v2v_studio.types import Array

Look = Callable[..., Array]
Preset = Literal[
    "cartoon",
    "charcoal",
    "gouache",
    "halftone",
    "ink",
    "linocut",
    "night",
    "oil",
    "pastel",
    "pencil",
    "poster",
    "watercolor",
]

PRESETS: dict[str, Look] = {
    look.__name__: look
    for look in (cartoon, charcoal, gouache, halftone, ink, linocut, night, oil, pastel, pencil, poster, watercolor)
}


def options(preset: str) -> dict[str, float]:
    """The parameters a preset has of its own, with their defaults: the keyword arguments of its function.

    Example:
        >>> options("night")
        {'darkness': 0.6, 'moon': 0.6, 'glow': 0.5}
    """
    return {name: p.default for name, p in signature(PRESETS[preset]).parameters.items() if p.kind is p.KEYWORD_ONLY}


def _share(meaning: str) -> Any:
    return Field(None, ge=0, le=1, description=meaning)


def _count(meaning: str) -> Any:
    return Field(None, ge=2, le=32, description=meaning)


class FilterParams(BaseModel):
    """A preset, how much of it, and the two or three parameters that this preset has.

    A parameter left out takes the preset's default, so that a record says in full what ran; one that the preset does
    not have is refused by name.

    Example:
        >>> FilterParams(preset="oil", relief=0.8).model_dump()
        {'preset': 'oil', 'strength': 1.0, 'detail': 0.5, 'texture': 0.4, 'relief': 0.8}
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Preset = Field("watercolor", description="Which look.")
    strength: float = Field(1.0, ge=0, le=1, description="How much of the look: 0 is the footage, 1 the look alone.")
    detail: float | None = _share("How much of the footage's small structure stays.")
    texture: float | None = _share("How strongly paper, canvas or print show.")
    bleed: float | None = _share("watercolor: how far wet paint runs, and how dark it dries at its rim.")
    relief: float | None = _share("oil: how thick the paint stands and catches the light.")
    colours: float | None = _count("gouache, poster: number of colours.")
    tint: float | None = _share("pastel: the paper, from warm and light to cool and dark.")
    hatch: float | None = _share("ink: how much is shaded with pen strokes.")
    wash: float | None = _share("ink: how dark the grey wash under the pen is.")
    shade: float | None = _share("pencil: how much is shaded, beside the outlines.")
    colour: float | None = _share("pencil, linocut: how much of the footage's colour stays.")
    smudge: float | None = _share("charcoal: how far it is rubbed.")
    line: float | None = _share("cartoon: weight of the contours.")
    tones: float | None = _count("cartoon: steps from dark to light.")
    cut: float | None = _share("linocut: depth of the gouge marks.")
    dots: float | None = _share("halftone: size of the dots.")
    fade: float | None = _share("halftone: how much age has bleached it.")
    darkness: float | None = _share("night: how late it is.")
    moon: float | None = _share("night: how brightly the moon lights the forms.")
    glow: float | None = _share("night: how strongly lights bloom.")

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        """The preset's defaults under what was given; a parameter of another preset is an error."""
        if not isinstance(given, dict):
            return given
        given = {name: value for name, value in given.items() if value is not None}
        preset = given.get("preset", cls.model_fields["preset"].default)
        if preset not in PRESETS:
            return given
        has = options(preset)
        for name in given:
            if name not in ("preset", "strength", *has):
                raise ValueError(f"preset '{preset}' has no parameter '{name}'; it has: strength, {', '.join(has)}")
        return {**has, **given}

    @model_serializer(mode="wrap")
    def _own(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only what the preset has."""
        return {name: value for name, value in serialise(self).items() if value is not None}


class Filters:
    """One of the presets, laid over the footage by its strength."""

    Params = FilterParams

    def translate(self, image: Array, params: BaseModel, seed: int, on_step: OnStep = silent) -> Array:
        """image (3, H, W) RGB in [0, 1] -> the look, same shape. The seed decides paper, strokes and wander."""
        recipe = FilterParams.model_validate(params).model_dump()
        look, strength = PRESETS[recipe.pop("preset")], np.float32(recipe.pop("strength"))
        picture = np.ascontiguousarray(image.transpose(1, 2, 0), np.float32)
        styled = look(picture.copy(), seed, **recipe)
        on_step(1, 1)
        mixed = picture + strength * (np.clip(styled, 0, 1) - picture)
        return np.ascontiguousarray(np.clip(mixed, 0, 1).transpose(2, 0, 1), np.float32)
