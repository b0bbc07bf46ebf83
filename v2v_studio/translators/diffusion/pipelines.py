"""diffusers pipelines made of what a recipe found. Nothing is downloaded."""

from __future__ import annotations

from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import diffusers
import torch
import transformers
from diffusers.pipelines import auto_pipeline

from v2v_studio.errors import MissingError, ResourceError, UsageError
from v2v_studio.models.device import chosen_device
from v2v_studio.translators.diffusion.loras import wear
from v2v_studio.translators.diffusion.memory import offload, out_of_memory
from v2v_studio.translators.diffusion.recipe import NOT_NEEDED, Checkpoint, Recipe, Task

TABLES = {
    "text2img": auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING,
    "img2img": auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING,
    "inpaint": auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING,
    "instruct": {},
}
NEEDS = {  # what a class that is in no table must take for a task
    "text2img": {"prompt"},
    "img2img": {"prompt", "image"},
    "instruct": {"prompt", "image", "image_guidance_scale"},
}


def load(recipe: Recipe) -> Any:
    """The pipeline of a recipe, on its device, LoRAs laid over.

    Raises:
        MissingError: the model is of no class for this task, or its files are not whole.
        UsageError: device, dtype, a LoRA or a ControlNet does not fit.
        ResourceError: there is not enough memory for it.
    """
    for library in (diffusers, transformers):
        library.logging.set_verbosity_error()
        library.logging.disable_progress_bar()
    device = chosen_device(recipe.device)
    dtype = chosen_dtype(recipe, device)
    maker = pipeline_class(recipe.model, recipe.task, bool(recipe.controlnets))
    try:
        pipeline = _made(maker, recipe, dtype)
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, MemoryError) as error:
        if out_of_memory(error):
            raise ResourceError(f"not enough memory to load {recipe.model.path}; choose a smaller model") from None
        raise MissingError(
            f"{recipe.model.path} cannot be loaded as {maker.__name__}: {_first_line(error)}; "
            "see whether its files are whole: v2v models verify"
        ) from error
    pipeline.set_progress_bar_config(disable=True)
    _refuse_inpainting(pipeline, recipe.model)
    _check_controlnets(pipeline, recipe)
    wear(pipeline, list(recipe.loras))
    return _placed(pipeline, device)


def pipeline_class(model: Checkpoint, task: Task, controlled: bool) -> Any:
    """The class for a task, of the family that a model's folder names: diffusers' own table, or else the class named.

    Raises:
        MissingError: diffusers does not know that class, or the family has none for the task.
    """
    named = getattr(diffusers, model.pipeline, None)
    if not (isinstance(named, type) and issubclass(named, diffusers.DiffusionPipeline)):
        raise MissingError(
            f"{model.folder} is a {model.pipeline}, which diffusers {diffusers.__version__} does not know, or not "
            "without packages that are not installed; choose another model"
        )
    families = [f for table in TABLES.values() for f, maker in table.items() if maker is named]
    family = families[0] if families else ""
    if controlled:
        family = f"{family.removesuffix('-controlnet')}-controlnet"
    found = TABLES[task].get(family)
    if found is None and not controlled and NEEDS[task] <= set(signature(named.__call__).parameters):
        found = named
    if found is None:
        what = f"{task} with a ControlNet" if controlled else task
        raise MissingError(
            f"{model.folder} is a {model.pipeline}, which has no pipeline for {what}; choose another model"
        )
    return found


def chosen_dtype(recipe: Recipe, device: Any) -> Any:
    """The numbers that a pipeline works in.

    auto: on a GPU bfloat16 if the weights are stored so, else float16. On a CPU float32; bfloat16 where the weights are
    stored in 16 bits and the CPU multiplies bfloat16. A CPU is hundreds of times slower in float16, so never that.
    """
    on_cpu = device.type == "cpu"
    if recipe.dtype != "auto":
        if on_cpu and recipe.dtype == "float16":
            raise UsageError("float16 does not work on a CPU; use dtype bfloat16 or float32")
        return getattr(torch, recipe.dtype)
    stored = stored_dtype(recipe.model.path)
    if on_cpu:
        half = stored in ("F16", "BF16") and torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return torch.bfloat16 if half else torch.float32
    return torch.bfloat16 if stored == "BF16" else torch.float16


def stored_dtype(path: Path) -> str:
    """What the largest file of a model is stored in, as safetensors calls it: F32, F16, BF16; empty if it holds none."""
    from safetensors import SafetensorError, safe_open

    files = [path] if path.is_file() else sorted(path.rglob("*.safetensors"), key=lambda file: file.stat().st_size)
    if not files:
        return ""
    try:
        with safe_open(files[-1], "np") as tensors:
            names = tensors.keys()
            return tensors.get_slice(names[0]).get_dtype() if names else ""
    except SafetensorError as error:
        raise MissingError(f"{files[-1]} is no whole .safetensors file ({error}); fetch or copy it again") from None


def _made(maker: Any, recipe: Recipe, dtype: Any) -> Any:
    """The pipeline on the CPU."""
    model, parts = recipe.model, {}
    given = {"dtype": dtype, "local_files_only": True}
    network = partial(diffusers.AutoModel.from_pretrained, use_safetensors=True, **given)
    if recipe.controlnets:
        nets = [network(str(path)) for path in recipe.controlnets]
        parts["controlnet"] = nets if len(nets) > 1 else nets[0]
    if recipe.vae:
        parts["vae"] = network(str(recipe.vae))
    if model.path.is_file():
        return maker.from_single_file(str(model.path), config=str(model.folder), **given, **parts)
    for part in NOT_NEEDED:
        if part in signature(maker.__init__).parameters and not (model.folder / part).is_dir():
            parts[part] = None
    return maker.from_pretrained(model.folder, use_safetensors=True, variant=_variant(model.folder), **given, **parts)


def _variant(folder: Path) -> str | None:
    """ "fp16" where a part is there in that form alone."""
    halves = sorted(folder.glob("*/*.fp16.safetensors"))
    alone = [half for half in halves if not half.with_name(half.name.replace(".fp16", "")).is_file()]
    return "fp16" if alone else None


def _refuse_inpainting(pipeline: Any, model: Checkpoint) -> None:
    """Its network reads a mask and a masked picture beside the noise, which no other task has."""
    network, vae = (getattr(getattr(pipeline, part, None), "config", None) for part in ("unet", "vae"))
    reads, latents = getattr(network, "in_channels", None), getattr(vae, "latent_channels", None)
    if "Inpaint" in model.pipeline and reads != latents:
        raise MissingError(f"{model.path} is an inpainting model, which only fills holes; choose another model")


def _check_controlnets(pipeline: Any, recipe: Recipe) -> None:
    """A ControlNet reads the text as wide as the model does, or it is of another family."""
    nets = getattr(pipeline, "controlnet", None)
    for net, path in zip(getattr(nets, "nets", [nets]), recipe.controlnets, strict=False):
        width, own = (
            getattr(part.config, "cross_attention_dim", None) for part in (net, getattr(pipeline, "unet", net))
        )
        if width != own:
            raise UsageError(
                f"the ControlNet {path} was made for another family than {recipe.model.path} (text {width} wide, not "
                f"{own}); choose one for that model"
            )


def _placed(pipeline: Any, device: Any) -> Any:
    """On its device; piece by piece where it does not fit there whole."""
    try:
        return pipeline.to(device)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
    if device.type != "cuda":
        raise ResourceError(f"the model does not fit into memory on {device}; choose a smaller one, or device cpu")
    offload(pipeline.to("cpu"), device)
    return pipeline


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
