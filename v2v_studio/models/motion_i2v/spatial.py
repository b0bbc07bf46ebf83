"""The spatial half of stage 2: weights of any model of the SD1.5 family, LoRAs merged in, beside the motion modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from diffusers.loaders import StableDiffusionLoraLoaderMixin
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.utils import convert_unet_state_dict_to_peft

from v2v_studio.errors import MissingError, UsageError
from v2v_studio.models.checkpoint import WEIGHTS, State, first_there, fitted, part, read
from v2v_studio.models.motion_i2v.stage2 import VideoUNet

MOTION = ".motion_modules."  # in the name of every weight that is not spatial


def spatial(path: Path, layers_per_block: int) -> State:
    """The weights of a UNet of the SD1.5 family, by diffusers' names.

    Args:
        path: a folder as diffusers saves a UNet or a whole pipeline, a file of a UNet's weights, or a single file of a
            whole model (the names of latent diffusion).

    Raises:
        MissingError: there are no such weights.
    """
    file: Path | None = path
    if path.is_dir():
        file = first_there(path / "unet", WEIGHTS) or first_there(path, WEIGHTS)
    if file is None or not file.exists():
        raise MissingError(f"{path} holds no UNet ({' or '.join(WEIGHTS)}); choose a model of the SD1.5 family")
    return part(read(file), "unet", {"layers_per_block": layers_per_block})


def restyle(network: VideoUNet, base: Path | None = None, loras: Sequence[tuple[Path, float]] = ()) -> None:
    """Put another look into a stage-2 network; its motion modules stay.

    Args:
        base: as `spatial` takes it; None keeps the network's own.
        loras: files for the SD1.5 family, and how strongly each works. What they have for the text encoder is left
            out, as in the release, whose texts are read by SD1.5's own.

    Raises:
        MissingError: the base does not fit; each name that does not is listed.
        UsageError: a LoRA is for another family.
    """
    own = network.state_dict()
    weights = {name: tensor for name, tensor in own.items() if MOTION not in name}
    if base is not None:
        weights = spatial(base, network.config["layers_per_block"])
    flat = fitted(lambda: UNet2DConditionModel(**_flat_sizes(network.config)), weights, str(base))
    for path, strength in loras:
        _merge(flat, path, strength)
    motion = {name: tensor for name, tensor in own.items() if MOTION in name}
    network.load_state_dict({**motion, **flat.state_dict()})


def _flat_sizes(config: Mapping[str, Any]) -> dict[str, Any]:
    """A UNet for single pictures of the same sizes, as diffusers' class takes them."""
    names = ("block_out_channels", "layers_per_block", "norm_num_groups", "cross_attention_dim")
    return {**{name: config[name] for name in names}, "attention_head_dim": config["heads"]}


def _merge(flat: UNet2DConditionModel, path: Path, strength: float) -> None:
    """W + strength * alpha / rank * up down, for every weight that the LoRA has."""
    state, alphas = StableDiffusionLoraLoaderMixin.lora_state_dict({**read(path)})
    layers = convert_unet_state_dict_to_peft({name: state[name] for name in state if name.startswith("unet.")})
    named = {name.removeprefix("unet.").partition(".lora_")[0] for name in layers}
    known = dict(flat.named_modules())
    if not named or (unknown := sorted(named - known.keys())):
        what = f"nothing in the UNet has the names {', '.join(unknown)}" if named else "it has nothing for a UNet"
        raise UsageError(f"the LoRA {path} is not for the SD1.5 family: {what}; choose another")
    try:
        flat.load_lora_adapter(state, prefix="unet", network_alphas=alphas)
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"the LoRA {path} does not fit the SD1.5 family ({error}); choose another") from error
    flat.fuse_lora(strength)
    flat.unload_lora()
