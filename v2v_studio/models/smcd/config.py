"""Sizes of SMCD's networks, as keyword arguments of their classes.

`RELEASED` is the released weights', the defaults of every class; `TOY` one that runs in a second on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from v2v_studio.errors import UsageError

RELEASED: dict[str, Any] = {  # by the names of ModelScope's configuration.json, without their unet_
    "in_dim": 4,
    "dim": 320,
    "dim_mult": [1, 2, 4, 4],
    "num_res_blocks": 2,
    "attn_scales": [1, 0.5, 0.25],
    "num_heads": 8,
    "head_dim": 64,
    "context_dim": 1024,
}
TOY: dict[str, Any] = {
    **RELEASED,
    "dim": 32,
    "dim_mult": [1, 2],
    "num_res_blocks": 1,
    "attn_scales": [1],
    "num_heads": 4,
    "head_dim": 16,
    "context_dim": 64,
}
ENCODER = {  # ours -> theirs, in a UNet and a ControlNet
    "dim": "dim",
    "layers": "num_res_blocks",
    "heads": "num_heads",
    "head_dim": "head_dim",
    "text_dim": "context_dim",
}


def from_release(arch: Mapping[str, Any]) -> dict[str, Any]:
    """Our arguments for a UNet from those of the released code's class.

    Args:
        arch: as in RELEASED, with `use_gate_self_attn`, `cat_init`, `use_control` and `use_image_dataset` where they are
            not off. `grounding_dim` and `v_dim` are the widths of box and image tokens, 1024 where they are not given.

    Raises:
        UsageError: a network of a kind that was not released.
    """
    if not arch.get("temporal_attention", True) or arch.get("out_dim", 4) != 4:
        raise UsageError(
            "an SMCD network without temporal attention, or with another output than the 4 channels of a latent, was never "
            "released and cannot be built"
        )
    return {
        **encoder_from_release(arch),
        "in_channels": arch["in_dim"] * (2 if arch.get("cat_init") else 1),
        "box_dim": arch.get("grounding_dim", 1024),
        "image_dim": arch.get("v_dim", 1024),
        "gate": arch.get("use_gate_self_attn"),
        "with_control": bool(arch.get("use_control")),
        "pictures": bool(arch.get("use_image_dataset")),
    }


def encoder_from_release(arch: Mapping[str, Any]) -> dict[str, Any]:
    """Our arguments for a ControlNet."""
    own = {ours: arch[theirs] for ours, theirs in ENCODER.items()}
    lists = {name: tuple(arch[name]) for name in ("dim_mult", "attn_scales")}
    return {**own, **lists, "in_channels": arch["in_dim"]}
