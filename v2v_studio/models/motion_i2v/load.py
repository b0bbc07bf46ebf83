"""The stages out of a converted folder (`release.convert_release`), one at a time: both together would not fit.

stage = load_stage1(locate("motion-i2v"), "auto", "auto", control=True)
flows = stage.flows(image, "a boat", "", range(8, 128, 8), seed=1)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.params import NAME
from v2v_studio.models.motion_i2v.spatial import restyle
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage1_sample import Stage1
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.motion_i2v.stage2_sample import Stage2
from v2v_studio.models.opened import chosen, opened
from v2v_studio.models.text import Texts


def load_stage1(folder: Path, device: str = "auto", dtype: str = "auto", control: bool = False) -> Stage1:
    """Stage 1: flow from a picture and a text.

    Args:
        folder: as `release.convert_release` made it.
        device: "cpu", "cuda", ...; "auto" is a GPU where there is one.
        dtype: of the networks: "float32", "bfloat16", on a GPU "float16"; "auto" is float32 on a CPU, else bfloat16. The
            autoencoders stay in float32.
        control: with the trajectory ControlNet.

    Raises:
        MissingError: the folder is not whole.
        UsageError: the device is not here, or cannot work in that type.
    """
    place, kind = chosen(device, dtype)
    return Stage1(
        opened(MotionFieldUNet, folder / "stage1/unet", NAME, kind).to(place),
        opened(TrajectoryControlNet, folder / "stage1/controlnet", NAME, kind).to(place) if control else None,
        opened(AutoencoderKL, folder / "stage1/vae", NAME).to(place),
        opened(AutoencoderKL, folder / "stage1/vae_flow", NAME).to(place),
        Texts(folder, place),
    )


def load_stage2(
    folder: Path,
    device: str = "auto",
    dtype: str = "auto",
    base: Path | None = None,
    loras: Sequence[tuple[Path, float]] = (),
) -> Stage2:
    """Stage 2: frames from a first frame and flow.

    Args:
        folder, device, dtype: as of stage 1.
        base: another model of the SD1.5 family to paint with; a folder or a file.
        loras: files for that family, and how strongly each works.

    Raises:
        MissingError: the folder or the base is not whole.
        UsageError: the device is not here, or cannot work in that type; a LoRA is for another family.
    """
    place, kind = chosen(device, dtype)
    unet = opened(VideoUNet, folder / "stage2/unet", NAME, kind)
    if base is not None or loras:
        restyle(unet, base, loras)
    return Stage2(unet.to(place), opened(AutoencoderKL, folder / "stage2/vae", NAME).to(place), Texts(folder, place))
