"""OpenCLIP's text tower as a CLIPTextModel, up to the last layer but one, as Stable Diffusion 2 and ModelScope read it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from transformers import CLIPTextConfig, CLIPTextModel

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import State, fitted

HEAD = 64  # channels of an attention head, in every text tower of OpenCLIP
OUTSIDE = {
    "token_embedding.weight": "embeddings.token_embedding.weight",
    "positional_embedding": "embeddings.position_embedding.weight",
    "ln_final.weight": "final_layer_norm.weight",
    "ln_final.bias": "final_layer_norm.bias",
}
INSIDE = {  # a residual block -> an encoder layer
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
BLOCK = re.compile(r"transformer\.resblocks\.(\d+)\.(.+)\.?(weight|bias)$")
UNREAD = re.compile(
    r"visual\.|text_projection$|logit_scale$|logit_bias$|attn_mask$"
)  # of the picture, or of their likeness


def text_encoder(state: Mapping[str, torch.Tensor], source: str) -> CLIPTextModel:
    """The text tower of an OpenCLIP checkpoint without its last block; its last hidden state is after the last norm.

    Args:
        source: the file, for messages.

    Raises:
        MissingError: it has no text tower, or names are missing, unexpected or of a wrong shape; every one is listed.
    """
    blocks = {int(found[1]) for name in state if (found := BLOCK.match(name))}
    if not blocks or "token_embedding.weight" not in state or "positional_embedding" not in state:
        raise MissingError(f"{source} has no text tower of OpenCLIP; fetch it again")
    last = max(blocks)
    (vocabulary, width), length = state["token_embedding.weight"].shape, len(state["positional_embedding"])
    config = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=last,
        num_attention_heads=max(1, width // HEAD),
        max_position_embeddings=length,
        hidden_act="gelu",
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=0,
    )
    own: State = {}
    for name, tensor in state.items():
        block = BLOCK.match(name)
        if not (UNREAD.search(name) or (block and int(block[1]) == last)):
            own |= _renamed(name, tensor)
    return fitted(lambda: CLIPTextModel(config), own, source)


def _renamed(name: str, tensor: torch.Tensor) -> State:
    """A weight by the names of CLIPTextModel; one that has none keeps its own, and will not fit."""
    block = BLOCK.match(name)
    if block is None:
        return {OUTSIDE.get(name, name): tensor}
    layer, module, kind = f"encoder.layers.{block[1]}", block[2].rstrip("._"), block[3]
    if module == "attn.in_proj":  # `in_proj_weight`: of queries, keys and values in one
        return {f"{layer}.self_attn.{p}_proj.{kind}": t for p, t in zip("qkv", tensor.chunk(3), strict=True)}
    return {f"{layer}.{INSIDE[module]}.{kind}": tensor} if module in INSIDE else {name: tensor}
