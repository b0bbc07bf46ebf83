"""Stage 2 of Motion-I2V as a renderer: the first frame painted anew for every frame, moved along the flow.

The model makes 16 frames, the first of which is the reference. So does a window here: the shot's first frame, then the
last frames of the window before, which are held as they are, then the window's own. Windows of a shot of any length thus
refer to the same first frame, and each goes on in latent space from the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from v2v_studio.errors import RenderError, UsageError
from v2v_studio.flow.turned import backwards, forwards
from v2v_studio.models.canvas import Canvas
from v2v_studio.models.held import loaded, within_memory
from v2v_studio.models.motion_i2v.params import STAGE2, MotionI2VParams, converted
from v2v_studio.models.weights import locate
from v2v_studio.renderers.base import Carry, OpenRender, Rendered, window_seed
from v2v_studio.renderers.embedded import Embedded
from v2v_studio.types import Anchor, Array, Direction, FlowField, Motion, OnStep, Window, unwatched
from v2v_studio.warping import backward_warp, pixels, planes

FRAMES = 16  # that the model makes, with the reference
HELD = 3  # of them from the window before
GAIN = 2.0  # contrast is raised or lowered by no more to match the first frame
ENOUGH = 0.05  # share of a frame that has to show the first frame for its colours to be fully matched


class RenderParams(MotionI2VParams):
    order: Literal["separate", "released"] = Field(
        "separate",
        description="Of guidance: separate is right; released mixes prompt and negative prompt as published.",
    )
    init: Literal["noise", "embedded"] = Field(
        "noise", description="What is painted over: noise, or a draft by the embedded renderer."
    )
    strength: float = Field(0.6, gt=0, le=1, description="Of painting over a draft: 0.3 keeps most of it, 1 the least.")
    colour: float = Field(
        1.0, ge=0, le=1, description="How far a frame's colours are brought back to the first frame's."
    )
    stride: int = Field(
        4,
        ge=1,
        le=8,
        description="Frames from one that is painted to the next, at most, where little moves; 1: paint all.",
    )
    base: str = Field("", description="Another model of the SD1.5 family to paint with, by name or path.")
    loras: str = Field("", description="LoRAs by name or path, each with its weight: ink:0.8, grain.safetensors:0.4")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.order == "released" and self.low_memory and self.guidance > 1:
            raise ValueError(
                "order 'released' mixes both prompts, so low_memory cannot run them in turn; leave one out"
            )
        return self

    @classmethod
    def named(cls, values: Mapping[str, Any]) -> list[str]:
        base = [values["base"]] if values["base"] else []
        return [*super().named(values), *base, *(name for name, _ in weighted(values["loras"]))]


class MotionI2V:
    """Paints twelve frames at once by the diffusion model Motion-I2V; needs its weights."""

    accepts: tuple[type[Motion], ...] = (FlowField,)
    directions: tuple[Direction, ...] = ("forward", "backward")
    Params: type[RenderParams] = RenderParams

    def open(self, anchor: Anchor, params: RenderParams, seed: int, on_step: OnStep = unwatched) -> OpenRender:
        return Diffused(anchor, params, seed, on_step)


class Diffused:
    """One first frame, ready to be painted on. The model is loaded at the first window, after motion is made."""

    window = FRAMES - 1 - HELD

    def __init__(self, anchor: Anchor, params: RenderParams, seed: int, on_step: OnStep) -> None:
        self.stride: int = params.stride
        self._anchor, self._params, self._seed, self._on_step = anchor, params, seed, on_step
        self._canvas = Canvas.around(anchor.styled.shape[1:])  # type: ignore[arg-type]
        self._image = self._canvas.picture(anchor.styled)
        self._still = self._static()

    def render(self, window: Window, motion: FlowField, carry: Carry) -> Rendered:
        """See `OpenRender`. `carry` holds the latents of the last frames and their flow.

        Raises:
            RenderError: the motion is of another size, or not finite.
        """
        if motion.size != window.frames.shape[2:] or not np.isfinite(motion.displacement).all():
            raise RenderError(
                f"the motion of frame {window.start} does not fit the frame or is not finite; make it again"
            )
        seen, own = backwards(motion), self._canvas.flow(forwards(motion).displacement)
        flows = np.concatenate([np.zeros_like(own[:1]), *([carry["flow"]] if carry else []), own])
        held = dict(enumerate(carry["latents"], 1)) if carry else {}
        with within_memory():
            made = self._sampled(window, seen, flows, held)
        painted = self._canvas.cut(made.frames[-len(window.frames) :])
        frames = np.stack([self._matched(*pair) for pair in zip(painted, *seen_parts(seen), strict=True)])
        return Rendered(frames, {"latents": made.latents[1:][-HELD:], "flow": flows[1:][-HELD:]})

    def _sampled(self, window: Window, seen: FlowField, flows: Array, held: Mapping[int, Array]) -> Any:
        """What stage 2 makes of the window, the reference and the frames that are held first."""
        given = self._params
        base = locate(given.base) if given.base else None
        loras = tuple((locate(name), weight) for name, weight in weighted(given.loras))
        model = loaded(STAGE2, converted(given.model), given.device, given.dtype, base, loras, given.compile)
        return model.frames(
            self._image,
            flows,
            given.prompt,
            given.negative_prompt,
            static=self._still,
            steps=given.steps,
            guidance=given.guidance,
            seed=window_seed(self._seed, window.start),
            scheduler=given.scheduler,
            order=given.order,
            low_memory=given.low_memory,
            initial=self._draft(model, window, seen, held) if given.init == "embedded" else None,
            strength=given.strength,
            held=held,
            on_step=lambda done, steps, step: self._on_step(),
        )

    def _draft(self, model: Any, window: Window, seen: FlowField, held: Mapping[int, Array]) -> Array:
        """Latents of the window as the embedded renderer makes it; the frames that are held as they are."""
        draft = Embedded().open(self._anchor, Embedded.Params(quality="draft"), self._seed)
        pictures, previous = [self._anchor.styled], window.previous
        for offset, (frame, way, shown) in enumerate(zip(window.frames, *seen_parts(seen), strict=True)):
            one = FlowField(way[None], "backward", shown[None])
            pictures.append(draft.render(Window(window.start + offset, frame[None], previous), one, {}).frames[0])
            previous = frame
        first, *rest = model.latents(np.stack([self._canvas.picture(picture) for picture in pictures]))
        return np.stack([first, *held.values(), *rest])

    def _matched(self, frame: Array, way: Array, shown: Array) -> Array:
        """The frame with each channel's mean and contrast those of the first frame, over what both show.

        The model drifts to medium brightness (the paper's own limit); what the first frame shows says by how much.
        """
        total = float(shown.sum())
        if total == 0:
            return frame
        first = planes(backward_warp(pixels(self._anchor.styled), pixels(way)))
        weight = shown / total
        mean, goal = ((picture * weight).sum((1, 2), keepdims=True) for picture in (frame, first))
        spread, wanted = (
            np.sqrt((np.square(picture - middle) * weight).sum((1, 2), keepdims=True))
            for picture, middle in ((frame, mean), (first, goal))
        )
        gain = np.clip(wanted / np.maximum(spread, 1e-3), 1 / GAIN, GAIN)
        share = np.float32(self._params.colour * min(1.0, total / (ENOUGH * shown.size)))
        matched = frame + share * ((frame - mean) * gain + goal - frame)
        return np.clip(matched, 0, 1).astype(np.float32)

    def _static(self) -> Array | None:
        """(h, w) on the canvas, 1 where the motion brush lets nothing move; None where it was not used."""
        brush = self._anchor.drawn.brush
        if brush is None or not (brush.painted > 0.5).any():
            return None
        return (self._canvas.mask(brush.painted) <= 0.5).astype(np.float32)


def seen_parts(seen: FlowField) -> tuple[Array, Array]:
    """Displacement (T, 2, H, W) and visibility (T, 1, H, W)."""
    return seen.displacement, seen.visible


def weighted(loras: str) -> list[tuple[str, float]]:
    """`"ink:0.8, grain"` -> names and weights; 1 where there is none.

    Raises:
        UsageError: a name is empty.
    """
    found = []
    for text in filter(None, map(str.strip, loras.split(","))):
        name, colon, weight = text.rpartition(":")
        try:
            found.append((name, float(weight)) if colon else (text, 1.0))
        except ValueError:  # the colon belongs to a path
            found.append((text, 1.0))
        if not found[-1][0]:
            raise UsageError(f"'{text}' names no LoRA; write it as name:weight, several with commas between")
    return found
