"""Networks out of folders that diffusers' `save_pretrained` wrote, and what they run on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from v2v_studio.errors import MissingError, UsageError
from v2v_studio.models.device import chosen_device


def chosen(device: str, dtype: str) -> tuple[torch.device, torch.dtype]:
    """What to run on, and in what numbers: "auto" is float32 on a CPU, else bfloat16.

    Raises:
        UsageError: that is not possible.
    """
    place = chosen_device(device, ("cuda",))
    on_cpu = place.type == "cpu"
    if dtype == "auto":
        dtype = "float32" if on_cpu else "bfloat16"
    if on_cpu and dtype == "float16":
        raise UsageError("float16 does not work on a CPU; use dtype bfloat16 or float32")
    return place, getattr(torch, dtype)


def opened(kind: Any, folder: Path, model: str, dtype: torch.dtype = torch.float32) -> Any:
    """A network of a converted folder, on the CPU, ready to run.

    Args:
        kind: its class.
        model: the model's name, for what to do where the folder is not there.

    Raises:
        MissingError: it is not there, cannot be loaded, or has not the weights that it should; every one is named.
    """
    if not folder.is_dir():
        raise MissingError(
            f"there is no {folder}; fetch the release and convert it: v2v models fetch {model}, then "
            f"v2v models convert {model} FOLDER"
        )
    told: Any
    try:
        network, told = kind.from_pretrained(
            folder, torch_dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise MissingError(f"{folder} cannot be loaded ({reason}); convert the release again") from error
    if faults := {kind.replace("_", " "): names for kind, names in told.items() if names}:
        listed = "; ".join(f"{kind}: {', '.join(map(str, names))}" for kind, names in faults.items())
        raise MissingError(f"{folder} does not fit ({listed}); convert the release again")
    return network.eval()
