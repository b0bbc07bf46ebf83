"""Weights by name: read from whatever file they are in, renamed to ours, and laid into a network or refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch

from v2v_studio.errors import MissingError
from v2v_studio.models.convert import tensors

State = dict[str, torch.Tensor]
Network = TypeVar("Network", bound=Any)

OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
OLD_ATTENTION = re.compile(rf"(attentions\.\d+\.)({'|'.join(OLD_NAMES)})(?=\.)")
WEIGHTS = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")  # in a folder that diffusers saved
LDM = {"unet": "model.diffusion_model.", "vae": "first_stage_model."}  # where a single file keeps its parts


def read(path: Path) -> State:
    """The tensors of a file by name, without the wrappers and the `module.` that trainers put around them.

    Raises:
        MissingError: it is damaged, holds no network, or asks for code to be run.
    """
    return {re.sub(r"^(module\.)+", "", name): tensor for name, tensor in _held(path).items()}


def _held(path: Path) -> State:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path.suffix != ".safetensors":
        return tensors(path)
    try:
        return load_file(path)
    except SafetensorError as error:
        raise MissingError(f"{path} is damaged ({error}); fetch it again") from error


def renamed(state: Mapping[str, torch.Tensor]) -> State:
    """An autoencoder's weights under today's names of attention."""
    return {OLD_ATTENTION.sub(lambda found: found[1] + OLD_NAMES[found[2]], name): t for name, t in state.items()}


def part(state: State, kind: str, config: Mapping[str, Any]) -> State:
    """One network out of what a file holds: a single file's, converted from the names of latent diffusion, or all of it.

    Args:
        kind: "unet" or "vae".
        config: as diffusers' class has it, for the number of levels and layers.

    Returns:
        Its weights by diffusers' names; what of a single file has none keeps its own, and will fit no network.
    """
    own = {name: tensor for name, tensor in state.items() if name.startswith(LDM[kind])}
    if not own:
        return renamed(state)
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint

    made = {"unet": convert_ldm_unet_checkpoint, "vae": convert_ldm_vae_checkpoint}[kind](own, config)
    taken = {tensor.data_ptr() for tensor in made.values()}
    return {**made, **{name: tensor for name, tensor in own.items() if tensor.data_ptr() not in taken}}


def fitted(
    make: Callable[[], Network], state: State, source: str, prefix: str = "", dtype: torch.dtype = torch.float32
) -> Network:
    """A network with these weights and no others; it is never filled twice.

    Args:
        make: gives the network; it is called without memory for its weights.
        source: the file or files, for messages.
        prefix: what every name of the state begins with, besides the network's own.
        dtype: of its numbers, but for what the network keeps in float32.

    Raises:
        MissingError: names are missing or unexpected, or shapes differ; every one is listed.
    """
    with torch.device("meta"):
        network = make()
    own = {prefix + name: tensor for name, tensor in network.state_dict().items()}
    faults = {
        "missing": [name for name in own if name not in state],
        "unexpected": [name for name in state if name not in own],
        "of a wrong shape": [
            f"{name} {tuple(state[name].shape)} instead of {tuple(own[name].shape)}"
            for name in own
            if name in state and state[name].shape != own[name].shape
        ],
    }
    if any(faults.values()):
        raise MissingError(unfit(source, network, faults))
    exact = tuple(getattr(network, "_keep_in_fp32_modules", None) or ())
    given = {
        name.removeprefix(prefix): tensor.to(torch.float32 if any(part in name for part in exact) else dtype)
        for name, tensor in state.items()
    }
    network.load_state_dict(given, assign=True)
    return network.eval()


def unfit(source: str, network: Any, faults: Mapping[str, Sequence[str]]) -> str:
    """What to say of weights that are not a network's: every name, by what is wrong with it."""
    listed = "; ".join(f"{len(names)} {fault}: {', '.join(names)}" for fault, names in faults.items() if names)
    return f"{source} does not fit {type(network).__name__}. {listed}. See that it is whole, and the right model's"


def first_there(folder: Path, names: Sequence[str]) -> Path | None:
    """The first of these files that the folder has."""
    return next((folder / name for name in names if (folder / name).is_file()), None)
