"""What a diffusion translator is to load: models found on this machine, before anything heavy is imported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any, Literal

from v2v_studio.errors import MissingError
from v2v_studio.models.digest import digest
from v2v_studio.models.manifest import manifest
from v2v_studio.models.weights import absent, locate
from v2v_studio.translators.diffusion.loras import parse_loras
from v2v_studio.translators.diffusion.params import DiffusionParams, Dtype

Task = Literal["img2img", "text2img", "instruct"]
NOT_NEEDED = ("safety_checker", "feature_extractor", "image_encoder")  # parts that a folder may name and not hold
NETWORKS = {"ControlNet": ("ControlNet",), "VAE": ("Autoencoder", "VAE", "VQModel")}  # in the names of their classes
PICKLES = (".bin", ".ckpt", ".pt", ".pth")


@dataclass(frozen=True)
class Checkpoint:
    """A pipeline's weights.

    Attributes:
        path: the model's folder, or its single file.
        folder: the folder that says how the parts are built; the model's own where it is a folder.
        pipeline: the class that the folder names.
    """

    path: Path
    folder: Path
    pipeline: str


@dataclass(frozen=True)
class Recipe:
    """Everything that decides which pipeline is loaded. Equal recipes, the same pipeline.

    Attributes:
        controlnets: their folders.
        loras: file and weight of each.
        vae: the folder of one that takes the place of the model's own; None for none.
    """

    task: Task
    model: Checkpoint
    controlnets: tuple[Path, ...]
    loras: tuple[tuple[Path, float], ...]
    vae: Path | None
    device: str
    dtype: Dtype


def recipe(params: DiffusionParams, task: Task, controlnets: Sequence[str] = (), besides: Sequence[str] = ()) -> Recipe:
    """Find what options name.

    Args:
        controlnets: their names.
        besides: names of models that the pipeline does not load but the translator needs.

    Raises:
        MissingError: a model is not on this machine, or is not what it is named as.
    """
    loras = parse_loras(params.loras)
    vaes = [params.vae] if params.vae else []
    names = [params.model, *controlnets, *(lora.name for lora in loras), *vaes]
    found = iter(located([*names, *besides]))
    return Recipe(
        task=task,
        model=_checkpoint(next(found), params.config),
        controlnets=tuple(_network(next(found), "ControlNet") for _ in controlnets),
        loras=tuple((_lora(next(found)), lora.weight) for lora in loras),
        vae=_network(next(found), "VAE") if vaes else None,
        device=params.device,
        dtype=params.dtype,
    )


def located(names: Sequence[str]) -> list[Path]:
    """Where models lie. MissingError says of all that are not there how to fetch them."""
    found, missing = [], {}
    for name in names:
        try:
            found.append(locate(name))
        except MissingError as error:
            missing[name] = str(error)
    if len(missing) > 1 and all(name in manifest() and said == absent(name) for name, said in missing.items()):
        raise MissingError(
            f"{len(missing)} models are not on this machine; fetch them with: v2v models fetch {' '.join(missing)}"
        )
    if missing:
        raise MissingError("; ".join(missing.values()))
    return found


def weights(made: Recipe, params: DiffusionParams) -> dict[str, str]:
    """What the options of a pipeline and its LoRAs name -> the sha256 of the file or folder behind it."""
    found = {params.model: digest(made.model.path)}
    if made.model.folder != made.model.path:
        found["config"] = digest(made.model.folder)
    if made.vae:
        found[params.vae] = digest(made.vae)
    loras = zip(parse_loras(params.loras), made.loras, strict=True)
    return found | {lora.name: digest(path) for lora, (path, _) in loras}


def _checkpoint(path: Path, config: str) -> Checkpoint:
    if path.is_dir():
        return Checkpoint(path, path, _pipeline_of(path))
    _refuse_pickle(path)
    kind = config or _family(path)
    try:
        folder = locate(kind)
    except MissingError as error:
        raise MissingError(
            f"{path} holds weights alone; how they are built stands in the folder of {kind}: {error}"
        ) from None
    if not folder.is_dir():
        raise MissingError(f"{folder} is no folder; name a model folder that {path} is built like with -p config=")
    return Checkpoint(path, folder, _pipeline_of(folder))


def _pipeline_of(folder: Path) -> str:
    """The class that a model folder names."""
    index = folder / "model_index.json"
    if not index.is_file():
        raise MissingError(
            f"{folder} is no diffusers model: it has no model_index.json; name the folder that holds it, or a single "
            ".safetensors file"
        )
    try:
        parts: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
        name = parts["_class_name"]
    except (ValueError, KeyError, TypeError):
        raise MissingError(f"{index} cannot be read; fetch or copy the model again") from None
    if not isinstance(name, str):
        raise MissingError(f"{index} wants code of its own, which is never run; choose another model")
    for part, value in parts.items():
        if isinstance(value, list) and value[:1] != [None]:
            if part not in NOT_NEEDED and not (folder / part).is_dir():
                # transformers would make up an empty tokenizer
                raise MissingError(f"{folder} has no {part}, which its model_index.json names; fetch or copy it again")
            _refuse_pickles_alone(folder / part)
    return name


def _network(path: Path, what: str) -> Path:
    """The folder of one network."""
    config = path / "config.json"
    if not config.is_file():
        raise MissingError(f"{path} is no {what}: it is not a folder with a config.json")
    try:
        made_of = str(json.loads(config.read_text(encoding="utf-8"))["_class_name"])
    except (ValueError, KeyError, TypeError):
        raise MissingError(f"{config} does not say what network it is of; fetch or copy the {what} again") from None
    if not any(mark in made_of for mark in NETWORKS[what]):
        raise MissingError(f"{path} is no {what} but a {made_of}; name the folder of another")
    _refuse_pickles_alone(path)
    return path


def _lora(path: Path) -> Path:
    """The file of a LoRA; of a folder, the only .safetensors in it."""
    if path.is_dir():
        files = sorted(path.glob("*.safetensors"))
        if len(files) != 1:
            raise MissingError(f"{path} holds {len(files)} .safetensors files; name the one of the LoRA")
        return files[0]
    _refuse_pickle(path)
    return path


def _refuse_pickles_alone(folder: Path) -> None:
    """A folder whose weights are pickles only."""
    if folder.is_dir() and not any(folder.glob("*.safetensors")):
        for file in sorted(folder.iterdir()):
            _refuse_pickle(file)


def _refuse_pickle(file: Path) -> None:
    if file.suffix not in PICKLES:
        return
    raise MissingError(
        f"{file} may hold code and is not loaded; convert it with: v2v models convert {quote(str(file))}"
    )


def _family(file: Path) -> str:
    """The model that a single file is built like, by its tensors: a name of the manifest."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "np") as tensors:
            names = set(tensors.keys())
            first = "model.diffusion_model.input_blocks.0.0.weight"
            channels = tensors.get_slice(first).get_shape()[1] if first in names else 0
    except SafetensorError as error:
        raise MissingError(f"{file} is no .safetensors file ({error}); fetch or copy it again") from None
    clip = any(name.startswith("cond_stage_model.transformer.") for name in names)
    two = any(name.startswith("conditioner.embedders.1.") for name in names)
    family = {(4, True, False): "sd15", (8, True, False): "instruct-pix2pix", (4, False, True): "sdxl"}.get(
        (channels, clip, two)
    )
    if family is None:
        raise MissingError(
            f"{file} is neither Stable Diffusion 1.5 nor SDXL in one file; name a model folder that it is built like "
            "with -p config="
        )
    return family
