"""The text-to-video network that SMCD starts from: its weights by either name, laid into a network with gates.

ModelScope's checkpoint has SMCD's own names; diffusers has others (section 11.2 of the fact sheet).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import State
from v2v_studio.models.smcd.unet import Encoder

HEADS = {  # diffusers' names of what is no level -> ours
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "transformer_in": "input_blocks.0.1",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.temp_convs.0": "middle_block.0.temopral_conv",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.temp_attentions.0": "middle_block.2",
    "mid_block.resnets.1": "middle_block.3",
    "mid_block.temp_convs.1": "middle_block.3.temopral_conv",
}
PARTS = {"resnets": "0", "temp_convs": "0.temopral_conv", "attentions": "1", "temp_attentions": "2"}  # of a level
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
LEVEL = re.compile(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)")
ADDED = re.compile(r"\.gate_attn\.|^zero_convs\.|^input_hint_block\.")  # what the base has not
TEMPORAL = re.compile(r"(transformer_in|temp_attentions\.\d+)\.proj_(in|out)\.weight$")


def from_diffusers(state: Mapping[str, torch.Tensor], layers: int = 2) -> State:
    """A UNet3DConditionModel's weights by the release's names.

    Args:
        layers: `layers_per_block`.

    Raises:
        MissingError: a name is none of that class's.
    """
    attending = {
        found[2] for name in state if (found := LEVEL.match(name)) and found.group(1, 3) == ("up", "attentions")
    }
    return {
        _renamed(name, layers, attending): tensor[..., None] if TEMPORAL.search(name) and tensor.ndim == 2 else tensor
        for name, tensor in state.items()
    }


def _renamed(name: str, layers: int, attending: set[str]) -> str:
    if level := LEVEL.match(name):
        way, number, part, index, rest = level.groups()
        first = int(number) * (layers + 1)
        if part == "downsamplers":
            return f"input_blocks.{first + layers + 1}.op.{rest.removeprefix('conv.')}"
        if part == "upsamplers":
            return f"output_blocks.{first + layers}.{3 if number in attending else 1}.{rest}"
        if part in PARTS:
            block = f"input_blocks.{first + 1 + int(index)}" if way == "down" else f"output_blocks.{first + int(index)}"
            return f"{block}.{PARTS[part]}.{_resnet(rest) if part == 'resnets' else rest}"
    head = next((head for head in HEADS if name.startswith(f"{head}.")), None)
    if head is None:
        raise MissingError(f"{name} is no weight of a text-to-video UNet; give ModelScope's, or diffusers' of the same")
    rest = name.removeprefix(f"{head}.")
    return f"{HEADS[head]}.{_resnet(rest) if '.resnets.' in head else rest}"


def _resnet(name: str) -> str:
    module, _, kind = name.rpartition(".")
    return f"{RESNET[module]}.{kind}"


def begin(network: Encoder, state: Mapping[str, torch.Tensor]) -> list[str]:
    """Lay the base's weights, by the release's names, into a UNet or a ControlNet; what these add stays as it was made.

    Inputs that the network has more, those of the first frame's latent, begin at zero, so that it is the base at first. A
    ControlNet's, whose maps come last, begin as a copy of the last ones; its own first convolution is the base's, cut.

    Returns:
        The names of the weights that are not, or not wholly, the base's.

    Raises:
        MissingError: a weight that the network needs is not there, or has another shape in the base.
    """
    own, added = network.state_dict(), []
    for name, tensor in own.items():
        if name not in state:
            if not ADDED.search(name):
                raise MissingError(f"the base has no {name}, so it is no text-to-video UNet of this size")
            added.append(name)
            continue
        given = state[name]
        if given.shape != tensor.shape:
            given = widened(name, given, tensor.shape)
            added.append(name)
        tensor.copy_(given)
    return added


def widened(name: str, base: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """A weight of the base with other inputs: dim 1, or dim 0 of a norm's.

    Raises:
        MissingError: it differs in something else.
    """
    dim = 1 if base.ndim > 1 else 0
    more = shape[dim] - base.shape[dim]
    if base.ndim != len(shape) or base.shape[:dim] != shape[:dim] or base.shape[dim + 1 :] != shape[dim + 1 :]:
        raise MissingError(f"{name} has the shape {tuple(base.shape)} in the base and {tuple(shape)} here")
    if more < 0:
        return base.narrow(dim, 0, shape[dim])
    last = base.narrow(dim, base.shape[dim] - min(more, base.shape[dim]), min(more, base.shape[dim]))
    return torch.cat([base, torch.zeros_like(last) if name == "input_blocks.0.0.weight" else last], dim=dim)
