"""The released folder (section 8 of the fact sheet) made into folders that open at once: strictly, and once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import diffusers
import transformers

from v2v_studio.errors import MissingError, ResourceError, UsageError
from v2v_studio.models.checkpoint import WEIGHTS, first_there, fitted, part, read
from v2v_studio.models.motion_i2v.config import from_release
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.spatial import spatial
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.vae import autoencoder
from v2v_studio.project.atomic import PART

FLOW = Path("stage1/StableDiffusion-FlowGen")
BASE = Path("stage2/StableDiffusion")
LOOKS = Path("stage2/DreamBooth_LoRA")
MOTION = Path("stage2/Motion_Module/motion_block.bin")
CONTROL = "controlnet."  # its keys in the file, for it is a part of the UNet there
CONTROL_MARK = "controlnet_cond_embedding.layers.0.weight"  # the file may also be the ControlNet alone, if it has this
SIZES: dict[str, Any] = {  # of the released networks, where a config does not say
    "block_out_channels": [320, 640, 1280, 1280],
    "layers_per_block": 2,
    "norm_num_groups": 32,
    "attention_head_dim": 8,
    "cross_attention_dim": 768,
    "motion_module_kwargs": {
        "num_attention_heads": 8,
        "attention_block_types": ["Temporal_Self", "Temporal_Self"],
        "temporal_position_encoding_max_len": 32,
    },
}


@dataclass(frozen=True)
class Saved:
    """A part of the model as it was written: its folder's name, and how many tensors it has."""

    name: str
    tensors: int


def convert_release(folder: Path, target: Path, on_part: Callable[[Saved], None] = lambda saved: None) -> list[Saved]:
    """Write every part of a release as safetensors with its config, in float32.

    The parts are `stage1/unet`, `stage1/controlnet`, `stage1/vae` and `stage1/vae_flow`, `stage2/unet` and `stage2/vae`,
    `text_encoder` and `tokenizer`. They appear together, when the last is written.

    Args:
        folder: the release, or its `models` folder.
        target: the folder to make.

    Raises:
        UsageError: the target exists.
        MissingError: a file is not there, or a name in it is missing, unexpected or of a wrong shape; each is listed.
        ResourceError: the target cannot be written.
    """
    if target.exists():
        raise UsageError(f"{target} exists already; delete it, or choose another folder")
    _silence()
    root = folder / "models" if (folder / "models").is_dir() else folder
    beside = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    saved = []
    try:
        for name, save in _parts(root):
            saved.append(Saved(name, save(beside / name)))
            on_part(saved[-1])
        os.replace(beside, target)
    except OSError as error:
        raise ResourceError(
            f"{target} cannot be written ({error}); free some disk, or choose another folder"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return saved


def _silence() -> None:
    """The libraries' own bars and reports: we say what was written, and what does not fit."""
    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def _parts(root: Path) -> Iterator[tuple[str, Callable[[Path], int]]]:
    """Each part's name, and what writes it into a folder and counts its tensors; one at a time in memory."""
    yield "stage1/unet", lambda to: _save(_stage1(root), to)
    yield "stage1/controlnet", lambda to: _save(_control(root), to)
    yield "stage1/vae_flow", lambda to: _save(_vae_flow(root), to)
    yield "stage1/vae", lambda to: _save(_vae(_weights(root / BASE / "vae"), _config(root / BASE / "vae"), 3), to)
    yield "stage2/unet", lambda to: _save(_stage2(root), to)
    yield "stage2/vae", lambda to: _save(_vae(_vae_of_look(root), _config(root / BASE / "vae"), 3), to)
    yield "text_encoder", lambda to: _save(_text_encoder(root / BASE / "text_encoder"), to)
    yield "tokenizer", lambda to: _copied(root / BASE / "tokenizer", to)


def _save(network: Any, to: Path) -> int:
    network.save_pretrained(to)
    return len(network.state_dict())


def _stage1(root: Path) -> Any:
    unet = _weights(root / FLOW / "unet")
    own = {name: tensor for name, tensor in read(unet).items() if not name.startswith(CONTROL)}
    sizes = _sizes(_config(unet.parent))
    return fitted(lambda: MotionFieldUNet(**sizes), own, str(unet))


def _control(root: Path) -> Any:
    """The UNet's file is looked into as well, for upstream loads both into one network."""
    unet, control = _weights(root / FLOW / "unet"), _there(root / FLOW / "controlnet" / "controlnet.bin")
    given = read(control)
    if CONTROL_MARK in given:
        given = {CONTROL + name: tensor for name, tensor in given.items()}
    own = {name: tensor for name, tensor in read(unet).items() if name.startswith(CONTROL)} | given
    sizes = _sizes(_config(unet.parent))
    return fitted(lambda: TrajectoryControlNet(**sizes), own, str(control), CONTROL)


def _stage2(root: Path) -> Any:
    base = root / BASE / "unet"
    sizes = _sizes(_config(base))
    look = first_there(root / LOOKS, ("realistic_unet.ckpt", "realistic_unet.safetensors"))
    motion = _there(root / MOTION)
    state = {**read(motion), **spatial(look or base, sizes["layers_per_block"])}
    return fitted(lambda: VideoUNet(**sizes), state, f"{look or base} with {motion.name}")


def _vae_flow(root: Path) -> Any:
    """Its config lies in the folder of the unused picture VAE."""
    config = {**_config(root / FLOW / "vae"), "in_channels": 2, "out_channels": 2}
    return _vae(_weights(root / FLOW / "vae_flow"), config, 2)


def _vae_of_look(root: Path) -> Path:
    """The look's own VAE, in its single file."""
    return first_there(root / LOOKS, ("realisticVisionV51_v20Novae.safetensors",)) or _weights(root / BASE / "vae")


def _vae(path: Path, config: Mapping[str, Any], channels: int) -> Any:
    arch = {name: value for name, value in config.items() if not name.startswith("_")}
    return fitted(lambda: autoencoder(channels, arch), part(read(path), "vae", arch), str(path))


def _text_encoder(folder: Path) -> Any:
    _there(folder / "config.json")
    loaded: Any
    try:
        loaded = transformers.CLIPTextModel.from_pretrained(folder, output_loading_info=True, local_files_only=True)
    except OSError as error:
        raise MissingError(f"{folder} cannot be read ({error}); fetch it again: v2v models fetch motion-i2v") from error
    network, info = loaded
    faults = {kind.replace("_", " "): sorted(map(str, names)) for kind, names in info.items() if names}
    if faults:
        listed = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in faults.items())
        raise MissingError(
            f"{folder} does not fit CLIPTextModel. {listed}. See that it is whole, and the right model's"
        )
    return network


def _copied(folder: Path, to: Path) -> int:
    shutil.copytree(_there(folder), to)
    return 0


def _weights(folder: Path) -> Path:
    """The file of a folder's weights."""
    return first_there(folder, WEIGHTS) or _there(folder / WEIGHTS[-1])


def _config(folder: Path) -> dict[str, Any]:
    path = _there(folder / "config.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MissingError(f"{path} is damaged ({error}); fetch it again") from error


def _sizes(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a network: what the config says of its size, and for what it does not say the released ones."""
    return from_release({name: config.get(name, released) for name, released in SIZES.items()})


def _there(path: Path) -> Path:
    if not path.exists():
        raise MissingError(f"there is no {path}, which the release has; fetch it whole: v2v models fetch motion-i2v")
    return path
