"""Sizes of Motion-I2V's three networks, as keyword arguments of their classes.

`RELEASED` is the released weights' (SD1.5's, with text of 768 channels), `TOY` one that runs in seconds on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from v2v_studio.errors import UsageError

RELEASED: dict[str, Any] = {
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "norm_num_groups": 32,
    "heads": 8,
    "cross_attention_dim": 768,
    "motion_heads": 8,
    "motion_attentions": 2,
    "motion_positions": 32,
}
TOY: dict[str, Any] = {
    **RELEASED,
    "block_out_channels": (32, 32, 32, 64),
    "layers_per_block": 1,
    "norm_num_groups": 16,
    "heads": 4,
    "cross_attention_dim": 32,
    "motion_heads": 4,
}

# what the released code could also do and the released weights do not use
FIXED = {
    "act_fn": "silu",
    "downsample_padding": 1,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "mid_block_scale_factor": 1,
    "motion_module_decoder_only": False,
    "motion_module_mid_block": True,
    "motion_module_type": "Vanilla",
    "norm_eps": 1e-5,
    "unet_use_cross_frame_attention": False,
    "unet_use_temporal_attention": False,
    "use_inflated_groupnorm": True,
    "use_motion_module": True,
}
FIXED_MOTION = {"num_transformer_block": 1, "temporal_attention_dim_div": 1, "temporal_position_encoding": True}


def from_release(arch: Mapping[str, Any]) -> dict[str, Any]:
    """Our arguments from those of the released code's UNet class.

    Raises:
        UsageError: the network is of a kind that was not released.
    """
    motion = arch["motion_module_kwargs"]
    for given, fixed in ((arch, FIXED), (motion, FIXED_MOTION)):
        for name, value in fixed.items():
            if given.get(name, value) != value:
                raise UsageError(
                    f"a Motion-I2V network with {name} = {given[name]!r} was never released and cannot be built; "
                    f"only {value!r} is possible"
                )
    return {
        "block_out_channels": tuple(arch["block_out_channels"]),
        "layers_per_block": arch["layers_per_block"],
        "norm_num_groups": arch["norm_num_groups"],
        "heads": arch["attention_head_dim"],  # SD1.5's name for the number of heads
        "cross_attention_dim": arch["cross_attention_dim"],
        "motion_heads": motion["num_attention_heads"],
        "motion_attentions": len(motion["attention_block_types"]),
        "motion_positions": motion["temporal_position_encoding_max_len"],
    }
