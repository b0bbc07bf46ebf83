"""The text-to-image network that ConsistI2V starts from, Stable Diffusion 2.1's, laid into one with temporal layers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import unfit
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet

ADDED = re.compile(r"\.(conv3ds|tempo_attns)\.|^frame_stride_embedding\.")  # what the base has not


def begin(unet: ConsistI2VUNet, state: Mapping[str, torch.Tensor], source: str) -> list[str]:
    """Lay the base's weights into a UNet; what this adds stays as it was made, and changes nothing.

    Args:
        state: of the base, or of a ConsistI2V network, which has all.
        source: the file, for messages.

    Returns:
        The names of the weights that are not the base's.

    Raises:
        MissingError: names are missing or unexpected, or shapes differ; every one is listed.
    """
    own = unet.state_dict()
    faults = {
        "missing": [name for name in own if name not in state and not ADDED.search(name)],
        "unexpected": [name for name in state if name not in own],
        "of a wrong shape": [
            f"{name} {tuple(tensor.shape)} instead of {tuple(own[name].shape)}"
            for name, tensor in state.items()
            if name in own and tensor.shape != own[name].shape
        ],
    }
    if any(faults.values()):
        raise MissingError(unfit(source, unet, faults))
    unet.load_state_dict(state, strict=False)
    return [name for name in own if name not in state]
