"""What the recipes of Motion-I2V share: sizes of the networks, and where each begins."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from transformers import CLIPTextModel, CLIPTokenizer

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import read
from v2v_studio.models.motion_i2v.config import RELEASED, TOY
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.spatial import MOTION, spatial
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.motion_i2v.unet import UNet
from v2v_studio.models.opened import opened
from v2v_studio.models.vae import autoencoder
from v2v_studio.models.weights import locate
from v2v_studio.training.networks import Networks
from v2v_studio.training.recipe import Config
from v2v_studio.training.texts import Texts

SIZES: Mapping[Config, dict[str, Any]] = {  # of the UNets and the ControlNet
    "toy": TOY,
    "mini": {
        "block_out_channels": (64, 64, 96, 128),
        "layers_per_block": 1,
        "norm_num_groups": 16,
        "heads": 4,
        "cross_attention_dim": 128,
        "motion_heads": 4,
        "motion_attentions": 2,
        "motion_positions": 32,
    },
    "released": RELEASED,
}
AUTOENCODERS: Mapping[Config, dict[str, Any]] = {  # of pictures and of flow
    "toy": {"block_out_channels": [16, 16, 16, 16], "layers_per_block": 1, "norm_num_groups": 8},
    "mini": {"block_out_channels": [32, 64, 64, 96], "layers_per_block": 1, "norm_num_groups": 16},
    "released": {},
}


class Parts(Networks):
    """The networks of Motion-I2V by their folders in a converted release.

    Args:
        base: a model of the SD1.5 family, which what no folder of `start` has is taken from; "": none.
    """

    def __init__(self, config: Config, start: str, seed: int, base: str = "") -> None:
        super().__init__(config, start, seed)
        self._base = locate(base) if base else None

    def picture_vae(self, part: str) -> Any:
        """The autoencoder of pictures, which each stage has for itself."""
        if self.find(part) is None and self._base is not None:
            return opened(AutoencoderKL, self._base / "vae", self._base.name)
        return self.needed(AutoencoderKL, part, lambda: self.autoencoder(3))

    def flow_vae(self) -> Any:
        return self.needed(AutoencoderKL, "stage1/vae_flow", lambda: self.autoencoder(2))

    def autoencoder(self, channels: int) -> Any:
        return autoencoder(channels, AUTOENCODERS[self.config])

    def texts(self) -> Texts:
        """The text encoder and its tokenizer."""
        folder = self.find("text_encoder") or (self._base and self._base / "text_encoder")
        if folder is not None:
            try:
                return Texts(
                    CLIPTextModel.from_pretrained(folder, local_files_only=True).eval(),
                    CLIPTokenizer.from_pretrained(folder.parent / "tokenizer", local_files_only=True),
                )
            except (OSError, ValueError) as error:
                raise MissingError(f"{folder} and the tokenizer beside it cannot be read ({error})") from error
        if self.config == "released":
            raise MissingError("there is no text encoder; name a folder that has one with -p start=FOLDER")
        return self.drawn("text_encoder", lambda: Texts.drawn(SIZES[self.config]["cross_attention_dim"]))

    def stage1(self, motion: str = "") -> MotionFieldUNet:
        """The UNet of stage 1: as it is in `start`; or else with the base's layers for pictures."""
        return self._unet(MotionFieldUNet, "stage1/unet", motion)

    def stage2(self, motion: str = "") -> VideoUNet:
        return self._unet(VideoUNet, "stage2/unet", motion)

    def control(self, unet: MotionFieldUNet) -> TrajectoryControlNet:
        """The ControlNet as it is in `start`; or else a copy of the UNet's way down that changes nothing yet."""
        found = self.read(TrajectoryControlNet, "stage1/controlnet")
        if found is not None:
            return found
        made = self.drawn("stage1/controlnet", lambda: TrajectoryControlNet(**SIZES[self.config]))
        own = made.state_dict()
        made.load_state_dict({**own, **{name: value for name, value in unet.state_dict().items() if name in own}})
        return made

    def _unet(self, kind: type[Any], part: str, motion: str) -> Any:
        """A UNet; `motion`: a file of motion modules, AnimateDiff's for one, to begin with."""
        unet = self.read(kind, part)
        if unet is None:
            if self.config == "released" and self._base is None:
                raise MissingError(
                    f"there is no {part} to go on from; name a folder that has one with -p start=FOLDER, or the model whose "
                    "layers for pictures it begins with: -p base=sd15"
                )
            unet = self.drawn(part, lambda: kind(**SIZES[self.config]))
            if self._base is not None:
                begin_with(unet, spatial(self._base, unet.config["layers_per_block"]), str(self._base))
        if motion:
            begin_with(unet, motion_modules(locate(motion)), motion)
        return unet


def begin_with(unet: UNet, weights: Mapping[str, torch.Tensor], source: str) -> None:
    """Lay weights of some layers into a UNet, the others stay.

    The first convolution of stage 1 reads the picture's latent and then the noisy one, of four channels each: the second
    four get the weights that read noisy latents before, the first four zeros (the paper adds four channels at zero; it does
    not say which).

    Raises:
        MissingError: a weight has no place or another shape; each is named.
    """
    own, given = unet.state_dict(), dict(weights)
    first = given.get("conv_in.weight")
    if first is not None and first.shape[1] < unet.in_channels:
        given["conv_in.weight"] = torch.cat([torch.zeros_like(first), first], dim=1)
    wrong = [name for name, value in given.items() if name not in own or own[name].shape != value.shape]
    if wrong:
        raise MissingError(f"{source} does not fit {type(unet).__name__}: {', '.join(sorted(wrong))}; choose another")
    unet.load_state_dict({**own, **given})


def motion_modules(path: Path) -> dict[str, torch.Tensor]:
    """The weights of motion modules in a file.

    Raises:
        MissingError: there are none.
    """
    found = {name: value.float() for name, value in read(path).items() if MOTION in name}
    if not found:
        raise MissingError(f"{path} holds no motion modules; choose AnimateDiff's for SD1.5, version 2")
    return found
