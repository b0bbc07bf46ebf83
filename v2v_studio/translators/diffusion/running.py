"""A diffusers pipeline run on one picture: sized, seeded, watched, and its result judged."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np
import torch
from PIL import Image

from v2v_studio.errors import RenderError, StudioError
from v2v_studio.media.frames import to_uint8
from v2v_studio.translators.base import OnStep
from v2v_studio.translators.diffusion.held import Held
from v2v_studio.translators.diffusion.memory import within_memory
from v2v_studio.translators.diffusion.params import DiffusionParams
from v2v_studio.translators.diffusion.recipe import Recipe, Task
from v2v_studio.translators.diffusion.sizing import Canvas
from v2v_studio.types import Array

log = logging.getLogger(__name__)

ARGUMENTS = {  # what diffusers calls our options
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "image_guidance": "image_guidance_scale",
    "strength": "strength",
}
PLAIN = 1 / 255  # a picture whose values differ by less, channel by channel, is one colour


def paint(
    held: Held,
    recipe: Recipe,
    params: DiffusionParams,
    image: Array,
    seed: int,
    on_step: OnStep,
    controls: Sequence[tuple[Array, float]] = (),
) -> Array:
    """A picture painted by a recipe's pipeline: (3, H, W) in [0, 1], of the image's size.

    Args:
        image: (3, H, W) in [0, 1]; for text2img its size alone matters.
        on_step: hears of every step; what it raises ends the work.
        controls: for each ControlNet a picture (3, H, W), and how strongly it works.

    Raises:
        RenderError: the result is black, one colour, or not finite, in float32 too.
        ResourceError: it does not fit into memory, whatever is tried.
    """
    fault = None
    for dtype in (recipe.dtype, "float32"):
        pipeline = held.pipeline(replace(recipe, dtype=dtype), params.scheduler)
        if fault:
            log.warning("%s painted %s; once more in float32", params.model, fault)
        painted = _run(pipeline, recipe.task, params, image, seed, on_step, controls)
        fault = _fault(painted, None if recipe.task == "text2img" else image)
        if not fault:
            return painted
        if pipeline.dtype == torch.float32:
            break
    raise RenderError(
        f"{params.model} painted {fault}; try another seed or scheduler, or see whether its files are whole: "
        "v2v models verify"
    )


def _run(
    pipeline: Any,
    task: Task,
    params: DiffusionParams,
    image: Array,
    seed: int,
    on_step: OnStep,
    controls: Sequence[tuple[Array, float]],
) -> Array:
    takes = signature(pipeline.__call__).parameters
    canvas = Canvas.around((image.shape[2], image.shape[1]), multiple(pipeline), params.side)
    width, height = canvas.whole
    asked = {**_options(params, takes), "width": width, "height": height, "output_type": "np"}
    if task != "text2img":
        asked["image"] = _pil(canvas.laid(image))
    if controls:
        pictures, scales = [_pil(canvas.laid(picture)) for picture, _ in controls], [scale for _, scale in controls]
        several = len(controls) > 1
        asked["control_image"] = pictures if several else pictures[0]
        asked["controlnet_conditioning_scale"] = scales if several else scales[0]
    _warn_of_length(pipeline, params.prompt)
    watched = asked["callback_on_step_end"] = Watched(on_step, params.steps)

    def call() -> Any:
        asked["generator"] = torch.Generator("cpu").manual_seed(seed % 2**63)  # the CPU's: the same on every device
        return pipeline(**{name: value for name, value in asked.items() if name in takes})

    try:
        result = within_memory(pipeline, call)
    except StudioError:
        raise
    except Exception as error:  # parts or options that do not go together fail in any way
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise RenderError(
            f"{params.model} cannot paint with these options as {type(pipeline).__name__} ({reason}); change them, or "
            "choose another model"
        ) from error
    if not watched.steps:
        on_step(1, 1)
    if any(getattr(result, "nsfw_content_detected", None) or []):
        raise RenderError(
            f"the safety checker of {params.model} objected to its picture and painted it black; change the prompt or "
            "the seed"
        )
    painted = np.asarray(result.images[0], np.float32).transpose(2, 0, 1)
    return np.clip(canvas.lifted(np.ascontiguousarray(painted)), 0, 1)


class Watched:
    """diffusers' callback after each step, which tells `on_step`."""

    def __init__(self, on_step: OnStep, expected: int) -> None:
        self._on_step, self._expected, self.steps = on_step, expected, 0

    def __call__(self, pipeline: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.steps = step + 1
        self._on_step(self.steps, getattr(pipeline, "num_timesteps", 0) or self._expected)
        return tensors


def multiple(pipeline: Any) -> int:
    """What the sides of a pipeline's pictures are multiples of: its VAE's factor, and a transformer's patches of two."""
    factor = getattr(pipeline, "vae_scale_factor", None) or 8
    return factor * (2 if getattr(pipeline, "transformer", None) is not None else 1)


def _options(params: DiffusionParams, takes: Any) -> dict[str, Any]:
    """The options that a pipeline takes, under its names; of others that somebody set, a word."""
    given = {}
    for option, name in ARGUMENTS.items():
        value = getattr(params, option, None)
        if value is None:
            continue
        if option == "guidance" and "true_cfg_scale" in takes and takes[name].default is None:
            name = "true_cfg_scale"  # Qwen-Image: guidance_scale is for its distilled forms
        if name not in takes:
            if value != type(params).model_fields[option].default:
                log.warning("%s takes no %s; it is ignored", params.model, option)
            continue
        given[name] = value
    return given


def _warn_of_length(pipeline: Any, prompt: str) -> None:
    """Say what a model will not read of a prompt: what is beyond the longest text that one of its encoders takes."""
    tokenizers = [getattr(pipeline, name, None) for name in ("tokenizer", "tokenizer_2", "tokenizer_3")]
    longest = max(filter(None, tokenizers), key=lambda tokenizer: tokenizer.model_max_length, default=None)
    if longest is not None and (tokens := len(longest(prompt).input_ids)) > longest.model_max_length:
        log.warning("the prompt has %d tokens; the model reads the first %d", tokens, longest.model_max_length)


def _fault(painted: Array, image: Array | None) -> str | None:
    """What is wrong with a result. One colour is right for a frame of one colour."""
    if not np.isfinite(painted).all():
        return "values that are not finite"
    if _plain(painted) and (image is None or not _plain(image)):
        return "a black picture" if painted.max() < PLAIN else "a single colour"
    return None


def _plain(picture: Array) -> bool:
    return bool(np.ptp(picture, axis=(1, 2)).max() < PLAIN)


def _pil(picture: Array) -> Image.Image:
    """As every pipeline takes pictures."""
    return Image.fromarray(np.ascontiguousarray(to_uint8(picture).transpose(1, 2, 0)))
