"""The released folder (section 8 of the fact sheet) made into folders that open at once: strictly, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from v2v_studio.models.checkpoint import WEIGHTS, first_there, fitted, part, read
from v2v_studio.models.motion_i2v.config import from_release
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.params import NAME
from v2v_studio.models.motion_i2v.spatial import spatial
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.release import Part, Saved, copied, read_json, save, text_encoder, there, write
from v2v_studio.models.vae import autoencoder

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
    root = folder / "models" if (folder / "models").is_dir() else folder
    return write(target, _parts(root), on_part)


def _parts(root: Path) -> Iterator[Part]:
    """One at a time in memory."""
    yield "stage1/unet", lambda to: save(_stage1(root), to)
    yield "stage1/controlnet", lambda to: save(_control(root), to)
    yield "stage1/vae_flow", lambda to: save(_vae_flow(root), to)
    yield "stage1/vae", lambda to: save(_vae(_weights(root / BASE / "vae"), _config(root / BASE / "vae"), 3), to)
    yield "stage2/unet", lambda to: save(_stage2(root), to)
    yield "stage2/vae", lambda to: save(_vae(_vae_of_look(root), _config(root / BASE / "vae"), 3), to)
    yield "text_encoder", lambda to: save(text_encoder(root / BASE / "text_encoder", NAME), to)
    yield "tokenizer", lambda to: copied(_there(root / BASE / "tokenizer"), to)


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


def _weights(folder: Path) -> Path:
    """The file of a folder's weights."""
    return first_there(folder, WEIGHTS) or _there(folder / WEIGHTS[-1])


def _config(folder: Path) -> dict[str, Any]:
    return read_json(_there(folder / "config.json"))


def _sizes(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a network: what the config says of its size, and for what it does not say the released ones."""
    return from_release({name: config.get(name, released) for name, released in SIZES.items()})


def _there(path: Path) -> Path:
    return there(path, NAME)
