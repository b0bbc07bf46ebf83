"""What both stages of SMCD share: their networks, what these are told of a clip, and the loss (section 9 of the sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import WEIGHTS, State, first_there, read
from v2v_studio.models.opened import opened
from v2v_studio.models.release import read_json
from v2v_studio.models.smcd.base import begin, from_diffusers
from v2v_studio.models.smcd.config import RELEASED, TOY, from_release
from v2v_studio.models.smcd.params import BASE, NAME
from v2v_studio.models.smcd.position_net import PositionNet
from v2v_studio.models.smcd.release import base_text_encoder, base_tokenizer, base_vae
from v2v_studio.models.smcd.unet import UNet
from v2v_studio.models.smcd.visual_encoder import VisualEncoder
from v2v_studio.models.vae import autoencoder
from v2v_studio.training.begin import SMALL_VAE, drawn, folders, part
from v2v_studio.training.latents import latents
from v2v_studio.training.recipe import Batch, Config
from v2v_studio.training.slots import Slots
from v2v_studio.training.texts import Texts
from v2v_studio.types import Array

Stage = Literal["stage1", "stage2"]
KINDS: dict[Stage, dict[str, Any]] = {  # of the UNet, as the released code's class has it
    "stage1": {"use_gate_self_attn": "vanilla", "use_image_dataset": True},
    "stage2": {"use_gate_self_attn": "vanilla_cross_vision", "cat_init": True},
}
PARTS = {"unet": "unet", "position_net": "position_net", "vae": "vae", "texts": ""}  # of a run's folder: it is whole
MODELSCOPE = "text2video_pytorch_model.pth"  # its UNet, under the names of SMCD's


class Sizes(NamedTuple):
    """Of all networks."""

    arch: Mapping[str, Any]  # of the UNet, by config.RELEASED's names
    tokens: int  # channels of the tokens of boxes and image
    visual: tuple[int, ...]  # channels of the visual encoder's stages, and ...
    layers: int  # ... blocks of each
    vae: Mapping[str, Any]  # of an autoencoder that is drawn


SIZES: dict[Config, Sizes] = {
    "toy": Sizes({**TOY, "context_dim": 32}, 32, (16, 16, 16, 32), 1, SMALL_VAE),
    "mini": Sizes(
        {
            **RELEASED,
            "dim": 64,
            "dim_mult": [1, 2, 4],
            "attn_scales": [1, 0.5],
            "num_res_blocks": 1,
            "num_heads": 2,
            "head_dim": 32,
            "context_dim": 128,
        },
        128,
        (32, 64, 128, 128),
        2,
        SMALL_VAE,
    ),
    "released": Sizes(RELEASED, 1024, (256, 512, 1024, 1024), 3, {}),
}


def networks(stage: Stage, config: Config, seed: int, start: str) -> nn.ModuleDict:
    """All networks of a stage, begun from the folders of `start`.

    The text-to-video network is ModelScope's, diffusers' of the same, or that of a run. What it has not (gates, the inputs
    of the first frame) begins so that it changes nothing.

    Raises:
        MissingError: at released sizes, a network that the stage builds on is in none of them.
    """
    sizes, places = SIZES[config], folders(start)
    released = config == "released"
    with drawn(seed):
        widths = {"grounding_dim": sizes.tokens, "v_dim": sizes.tokens}
        unet = UNet(**from_release({**sizes.arch, **KINDS[stage], **widths}))
        made: dict[str, nn.Module] = {"unet": unet, "position_net": _position_net(stage, sizes, places, released)}
        if stage == "stage2":
            there = part(places, "visual_encoder")
            made["visual_encoder"] = (
                VisualEncoder(sizes.visual, sizes.layers) if there is None else opened(VisualEncoder, there, NAME)
            )
        made["vae"] = base_vae(places) if released or part(places, "vae") else autoencoder(3, sizes.vae)
        made["texts"] = (
            Texts(base_text_encoder(places), base_tokenizer(places))
            if released or part(places, "text_encoder")
            else Texts.drawn(sizes.arch["context_dim"])
        )
    state = _unet_state(places)
    if state is not None:
        begin(unet, state)
    elif released:
        raise MissingError(
            f"the text-to-video network is not there; fetch it: v2v models fetch {BASE}, or name a folder that has it with "
            "-p start=FOLDER"
        )
    return nn.ModuleDict(made)


def _position_net(stage: Stage, sizes: Sizes, places: Sequence[Path], released: bool) -> nn.Module:
    there = part(places, "position_net")
    if there is not None:
        return opened(PositionNet, there, NAME)
    if stage == "stage2" and released:
        raise MissingError(
            "the position net that the first stage trains is not there; name its run before the base: "
            f"-p start=RUN,{BASE}, or go on from the release: -p start={NAME},{BASE}"
        )
    return PositionNet(sizes.arch["context_dim"], sizes.tokens)


def _unet_state(places: Sequence[Path]) -> State | None:
    """The weights of the first UNet that is there, by the release's names."""
    for place in places:
        if (place / MODELSCOPE).is_file():
            return read(place / MODELSCOPE)
        folder = part([place], "unet")
        weights = folder and first_there(folder, WEIGHTS)
        if folder and weights:
            config = read_json(folder / "config.json")
            state = read(weights)
            diffusers = config.get("_class_name") == "UNet3DConditionModel"
            return from_diffusers(state, config.get("layers_per_block", 2)) if diffusers else state
    return None


def told(
    networks: nn.ModuleDict,
    clips: Sequence[Array],
    captions: Sequence[str],
    objects: Sequence[Slots],
    draw: torch.Generator,
) -> Batch:
    """Tensors of clips (F, 3, H, W), for `box_tokens` and `noise_loss`."""
    texts: Any = networks["texts"]
    clean = latents(networks["vae"], clips, draw)
    boxes, present = (torch.from_numpy(np.stack(values)).to(clean) for values in list(zip(*objects, strict=True))[:2])
    phrases = [F.pad(texts.ends(own.phrases), (0, 0, 0, boxes.shape[2] - len(own.phrases))) for own in objects]
    return {
        "latents": clean,
        "text": texts(captions),
        "boxes": boxes,
        "present": present,
        "phrases": torch.stack(phrases),
    }


def box_tokens(position_net: nn.Module, batch: Batch, left_out: bool) -> torch.Tensor:
    """(B F, N, C), of every frame's objects; where they are left out, of none in every slot."""
    seen = 0 if left_out else 1
    phrases = batch["phrases"][:, None].expand(-1, batch["boxes"].shape[1], -1, -1)
    return position_net(seen * batch["boxes"], seen * batch["present"], phrases).flatten(0, 1)


def noise_loss(
    unet: Any,
    sample: torch.Tensor,
    times: torch.Tensor,
    noise: torch.Tensor,
    text: torch.Tensor,
    boxes: torch.Tensor,
    image: torch.Tensor | None = None,
) -> torch.Tensor:
    """Mean squared error of the noise in all frames.

    Args:
        sample: (B, 4 or 8, F, h, w), noisy latents, and beside them the first frame's without noise.
        times: (B,).
        noise: (B, 4, F, h, w), what is to be predicted.
        text: (B, L, C), hidden states.
        boxes: (B F, N, C), tokens.
        image: (B, V, C) or (B F, V, C), tokens of the first frame.
    """
    return F.mse_loss(unet(sample, times, unet.kept(text, boxes, image)).float(), noise)
