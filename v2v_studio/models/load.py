"""Weights of one file into the network they are for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from v2v_studio.errors import MissingError
from v2v_studio.models.convert import tensors


def state(path: Path) -> dict[str, Any]:
    """Name -> tensor, of safetensors, or of a pickle as `convert` reads it: tensors alone, and no code runs.

    Raises:
        MissingError: the file holds no network, or asks for code to be run.
        ValueError: it is called safetensors and is none.
    """
    if path.suffix != ".safetensors":
        return tensors(path)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def filled(build: Callable[[], Any], path: Path, name: str, remedy: str) -> Any:
    """A network with a file's weights, ready to be used. Every tensor has to be there, and no other.

    Args:
        build: makes the network; no weights are drawn at random for it.
        name: of the network, for the message; `remedy`: what to do where the file does not hold its weights.

    Raises:
        MissingError: it does not, with the reason.
    """
    import torch

    with torch.device("meta"):
        network = build()
    try:
        network.load_state_dict(state(path), assign=True)
    except (RuntimeError, ValueError, MissingError) as error:
        reason = str(error).strip().splitlines()
        told = " ".join(line.strip() for line in reason[1:2]) if "Error(s) in loading" in reason[0] else reason[0]
        raise MissingError(f"{path} does not hold {name}'s weights ({told[:200]}); {remedy}") from error
    return network.eval()
