"""The model out of a converted folder (`release.convert_release`)."""

from __future__ import annotations

from pathlib import Path

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from v2v_studio.models.opened import chosen, opened
from v2v_studio.models.smcd.controlnet import ControlNet
from v2v_studio.models.smcd.params import NAME
from v2v_studio.models.smcd.position_net import PositionNet
from v2v_studio.models.smcd.sample import SMCD
from v2v_studio.models.smcd.unet import UNet
from v2v_studio.models.smcd.visual_encoder import VisualEncoder
from v2v_studio.models.text import Texts


def load_smcd(folder: Path, device: str = "auto", dtype: str = "auto") -> SMCD:
    """The model, ready to run.

    Args:
        folder: as `release.convert_release` made it.
        device: "cpu", "cuda", ...; "auto" is a GPU where there is one.
        dtype: of the networks: "float32", "bfloat16", on a GPU "float16"; "auto" is float32 on a CPU, else bfloat16. The
            autoencoder and the position net stay in float32.

    Raises:
        MissingError: the folder is not whole.
        UsageError: the device is not here, or cannot work in that type.
    """
    place, kind = chosen(device, dtype)
    with_control = (folder / "control_net").is_dir()
    with_image = (folder / "visual_encoder").is_dir()
    return SMCD(
        opened(UNet, folder / "unet", NAME, kind).to(place),
        opened(PositionNet, folder / "position_net", NAME).to(place),
        opened(VisualEncoder, folder / "visual_encoder", NAME, kind).to(place) if with_image else None,
        opened(ControlNet, folder / "control_net", NAME, kind).to(place) if with_control else None,
        opened(AutoencoderKL, folder / "vae", NAME).to(place),
        Texts(folder, place),
    )
