"""The stages out of a converted folder (`release.convert_release`), one at a time: both together would not fit.

stage = load_stage1(locate("motion-i2v"), "auto", "auto", control=True)
flows = stage.flows(image, "a boat", "", range(8, 128, 8), seed=1)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from v2v_studio.errors import MissingError, UsageError
from v2v_studio.models.device import chosen_device
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.spatial import restyle
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage1_sample import Stage1
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.motion_i2v.stage2_sample import Stage2
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
        _network(MotionFieldUNet, folder / "stage1/unet", kind).to(place),
        _network(TrajectoryControlNet, folder / "stage1/controlnet", kind).to(place) if control else None,
        _network(AutoencoderKL, folder / "stage1/vae").to(place),
        _network(AutoencoderKL, folder / "stage1/vae_flow").to(place),
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
    unet = _network(VideoUNet, folder / "stage2/unet", kind)
    if base is not None or loras:
        restyle(unet, base, loras)
    return Stage2(unet.to(place), _network(AutoencoderKL, folder / "stage2/vae").to(place), Texts(folder, place))


def chosen(device: str, dtype: str) -> tuple[torch.device, torch.dtype]:
    """What to run on, and in what numbers. UsageError where that is not possible."""
    place = chosen_device(device, ("cuda",))
    on_cpu = place.type == "cpu"
    if dtype == "auto":
        dtype = "float32" if on_cpu else "bfloat16"
    if on_cpu and dtype == "float16":
        raise UsageError("float16 does not work on a CPU; use dtype bfloat16 or float32")
    return place, getattr(torch, dtype)


def _network(kind: Any, folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """A network of a folder, on the CPU, ready to run."""
    if not folder.is_dir():
        raise MissingError(
            f"there is no {folder}; fetch the release and convert it: v2v models fetch motion-i2v, then "
            "v2v models convert motion-i2v FOLDER"
        )
    try:
        network = kind.from_pretrained(folder, torch_dtype=dtype, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise MissingError(f"{folder} cannot be loaded ({reason}); convert the release again") from error
    return network.eval()
