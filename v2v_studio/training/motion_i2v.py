"""What the recipes of Motion-I2V share: sizes of the networks, and where each begins."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import read
from v2v_studio.models.motion_i2v.config import RELEASED, TOY
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.params import NAME
from v2v_studio.models.motion_i2v.spatial import MOTION, spatial
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.unet import UNet
from v2v_studio.models.opened import opened
from v2v_studio.models.vae import autoencoder
from v2v_studio.models.weights import locate
from v2v_studio.training.begin import SMALL_VAE, drawn, folders, part
from v2v_studio.training.recipes import Config
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
    "toy": SMALL_VAE,
    "mini": {"block_out_channels": [32, 64, 64, 96], "layers_per_block": 1, "norm_num_groups": 16},
    "released": {},
}
CHANGES: Mapping[Config, Mapping[str, Any]] = {  # of the options of stages and ControlNet
    "toy": {"height": 32, "width": 32, "batch": 2, "frames": 4, "learning_rate": 3e-3, "start": ""},
    "mini": {
        "height": 128,
        "width": 128,
        "batch": 16,
        "frames": 8,
        "learning_rate": 3e-4,
        "start": "",
        "ema": 0.999,
    },
}


class Parts:
    """The networks of Motion-I2V, each out of the first folder that has it.

    A folder is laid out as a converted release or an earlier run is ("stage1/unet", "text_encoder"), or as a model of the
    SD1.5 family ("unet", "vae", "text_encoder"), whose layers for pictures are then begun with. Sizes that were never
    released are drawn where no folder has them.

    Args:
        start: folders or names of models, with commas between.
        seed: of what is drawn.

    Raises:
        MissingError: a folder is not on this machine; or later, a part is in none.
    """

    def __init__(self, config: Config, start: str, seed: int) -> None:
        self._config, self._seed, self._places = config, seed, folders(start)

    def picture_vae(self, name: str) -> Any:
        """The autoencoder of pictures; each stage has its own."""
        folder = part(self._places, name) or part(self._places, "vae")
        return self._needed(AutoencoderKL, folder, name, lambda: self._autoencoder(3))

    def flow_vae(self) -> Any:
        name = "stage1/vae_flow"
        return self._needed(AutoencoderKL, part(self._places, name), name, lambda: self._autoencoder(2))

    def fresh_vae(self, name: str, channels: int) -> Any:
        """An autoencoder that is to be trained: as it is in a folder, or drawn, of the released size too."""
        folder = part(self._places, name)
        return self._drawn(lambda: self._autoencoder(channels)) if folder is None else self._read(AutoencoderKL, folder)

    def texts(self) -> Texts:
        """The text encoder and its tokenizer."""
        folder = part(self._places, "text_encoder")
        if folder is not None:
            return Texts.read(folder.parent, NAME)
        if self._config == "released":
            raise _missing("text_encoder")
        return self._drawn(lambda: Texts.drawn(SIZES[self._config]["cross_attention_dim"]))

    def unet(self, kind: type[Any], name: str, motion: str = "") -> Any:
        """A UNet: as it is in a folder; or else new, with the layers for pictures of a model of the SD1.5 family.

        Args:
            motion: a file of motion modules, AnimateDiff's for one, to begin with; "": as they are.
        """
        folder, base = part(self._places, name), part(self._places, "unet")
        if folder is not None:
            unet = self._read(kind, folder)
        elif base is None and self._config == "released":
            raise _missing(name)
        else:
            unet = self._drawn(lambda: kind(**SIZES[self._config]))
            if base is not None:
                begin_with(unet, spatial(base, unet.config["layers_per_block"]), str(base))
        if motion:
            begin_with(unet, motion_modules(locate(motion)), motion)
        return unet

    def control(self, unet: MotionFieldUNet) -> TrajectoryControlNet:
        """The ControlNet: as it is in a folder; or else a copy of the UNet's way down that changes nothing yet."""
        folder = part(self._places, "stage1/controlnet")
        if folder is not None:
            return self._read(TrajectoryControlNet, folder)
        made = self._drawn(lambda: TrajectoryControlNet(**SIZES[self._config]))
        own = made.state_dict()
        made.load_state_dict({**own, **{name: value for name, value in unet.state_dict().items() if name in own}})
        return made

    def _autoencoder(self, channels: int) -> Any:
        return autoencoder(channels, AUTOENCODERS[self._config])

    def _needed(self, kind: Any, folder: Path | None, name: str, make: Callable[[], Any]) -> Any:
        if folder is None and self._config == "released":
            raise _missing(name)
        return self._drawn(make) if folder is None else self._read(kind, folder)

    def _read(self, kind: Any, folder: Path) -> Any:
        return opened(kind, folder, NAME)

    def _drawn(self, make: Callable[[], Any]) -> Any:
        with drawn(self._seed):
            return make()


def _missing(name: str) -> MissingError:
    return MissingError(
        f"no {name} is there to begin with; name the folders or models that have one, an earlier run for one: "
        "-p start=RUN,sd15, or -p start=motion-i2v to go on from the release"
    )


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
