"""What both stages of SMCD share: their networks, what these are told of a clip, and the loss (section 9 of the sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from v2v_studio.models.smcd.blocks import TemporalConvolution
from v2v_studio.models.smcd.config import RELEASED, TOY, from_release
from v2v_studio.models.smcd.params import BASE, NAME
from v2v_studio.models.smcd.position_net import PositionNet
from v2v_studio.models.smcd.release import base_text_encoder, base_tokenizer, base_vae
from v2v_studio.models.smcd.transformers import TemporalTransformer
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
LOUDER = 3  # times the last convolution of a drawn network, which is frozen and hardly reaches the deviation of noise
TEMPORAL = (TemporalTransformer, TemporalConvolution)  # what pictures do not pass through
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


class Parts:
    """The networks of a stage of SMCD, each out of the first folder that has it.

    A folder is laid out as a converted release or an earlier run is, or as the text-to-video model: ModelScope's, or
    diffusers' of the same. Sizes that were never released are drawn where no folder has them.

    Args:
        start: folders or names of models, with commas between.
        seed: of what is drawn.

    Raises:
        MissingError: a folder is not on this machine; or later, a part is in none.
    """

    def __init__(self, stage: Stage, config: Config, start: str, seed: int) -> None:
        self._stage, self._sizes, self._released, self._seed = stage, SIZES[config], config == "released", seed
        self._places = folders(start)

    def all(self) -> nn.ModuleDict:
        networks = {"position_net": self.position_net(), "vae": self.vae(), "texts": self.texts(), "unet": self.unet()}
        if self._stage == "stage2":
            networks["visual_encoder"] = self.visual_encoder()
        return nn.ModuleDict(networks)

    def position_net(self) -> PositionNet:
        """The first stage trains it, so there it may be new; the second builds upon it."""
        folder = part(self._places, "position_net")
        if folder is not None:
            return opened(PositionNet, folder, NAME)
        if self._released and self._stage == "stage2":
            raise MissingError(
                "the position net that the first stage trains is not there; name that run before the base: "
                f"-p start=RUN,{BASE}, or go on from the release: -p start={NAME},{BASE}"
            )
        with drawn(self._seed):
            return PositionNet(self._sizes.arch["context_dim"], self._sizes.tokens)

    def visual_encoder(self) -> VisualEncoder:
        folder = part(self._places, "visual_encoder")
        if folder is not None:
            return opened(VisualEncoder, folder, NAME)
        with drawn(self._seed):
            return VisualEncoder(self._sizes.visual, self._sizes.layers)

    def vae(self) -> Any:
        if self._released or part(self._places, "vae"):
            return base_vae(self._places)
        with drawn(self._seed):
            return autoencoder(3, self._sizes.vae)

    def texts(self) -> Texts:
        """The text encoder and its tokenizer."""
        if self._released or part(self._places, "text_encoder"):
            return Texts(base_text_encoder(self._places), base_tokenizer(self._places))
        with drawn(self._seed):
            texts = Texts.drawn(self._sizes.arch["context_dim"])
        texts.tokenizer.pad_token = texts.tokenizer.convert_ids_to_tokens(0)  # as `base_tokenizer` fills up
        return texts

    def unet(self) -> UNet:
        """What no folder's has (gates, the inputs of the first frame) begins so that it changes nothing."""
        state = self._unet_state()
        if state is None and self._released:
            raise MissingError(
                f"there is no text-to-video network to begin with; name one: -p start={BASE} (v2v models fetch {BASE}), or "
                "an earlier run before it"
            )
        tokens = {"grounding_dim": self._sizes.tokens, "v_dim": self._sizes.tokens}
        with drawn(self._seed):
            unet = UNet(**from_release({**self._sizes.arch, **KINDS[self._stage], **tokens}))
        if state is not None:
            begin(unet, state)
        else:
            last: Any = unet.out[-1]
            with torch.no_grad():
                last.weight.mul_(LOUDER)
        return unet

    def _unet_state(self) -> State | None:
        """The weights of the first UNet that is there, by the release's names."""
        for place in self._places:
            if (place / MODELSCOPE).is_file():
                return read(place / MODELSCOPE)
            weights = first_there(place / "unet", WEIGHTS)
            if weights is not None:
                config, state = read_json(weights.with_name("config.json")), read(weights)
                diffusers = config.get("_class_name") == "UNet3DConditionModel"
                return from_diffusers(state, config["layers_per_block"]) if diffusers else state
        return None


def trained(unet: UNet, stage: Stage, whole: bool) -> list[str]:
    """Names of the UNet's weights that a stage trains: the release's list, or all that it passes through."""
    if not whole:
        return unet.trainable(stage)
    left = [name for name, part in unet.named_modules() if stage == "stage1" and isinstance(part, TEMPORAL)]
    return [name for name, _ in unet.named_parameters() if not name.startswith(tuple(f"{part}." for part in left))]


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
