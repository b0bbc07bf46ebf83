"""What a network runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from v2v_studio.errors import UsageError

AVAILABLE: dict[str, Callable[[], bool]] = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}


def chosen_device(name: str, accelerators: Sequence[str] = tuple(AVAILABLE)) -> torch.device:
    """A torch device by name; "auto" is the first of these accelerators that is here, else the CPU.

    Raises:
        UsageError: this machine has none of that name.
    """
    if name == "auto":
        return torch.device(next((kind for kind in accelerators if AVAILABLE[kind]()), "cpu"))
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):  # as torch refuses a name, a build or a backend
        raise UsageError(f"device '{name}' is not here; use auto or cpu") from None
    return device


def placed(network: Any) -> Any:
    """A network ready to measure with: on a CUDA card where one is here, else on the CPU."""
    return network.eval().to(chosen_device("auto", ("cuda",)))


def fed(network: Any, array: np.ndarray) -> torch.Tensor:
    """An array as a batch of one, where the network is."""
    return torch.from_numpy(array)[None].to(next(network.parameters()).device)
