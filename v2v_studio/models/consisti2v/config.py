"""Sizes of ConsistI2V's UNet, as keyword arguments of its class.

`RELEASED` is the released weights' (Stable Diffusion 2.1's, with temporal layers), `TOY` one that runs in seconds on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from v2v_studio.errors import UsageError

RELEASED: dict[str, Any] = {
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "norm_num_groups": 32,
    "heads": (5, 10, 20, 20),
    "temporal_heads": 8,
    "cross_attention_dim": 1024,
    "attending": (True, True, True, False),
    "first_frame_keys": True,
    "window": True,
    "positions": "rotary",
}
TOY: dict[str, Any] = {
    **RELEASED,
    "block_out_channels": (32, 32, 64, 64),
    "layers_per_block": 1,
    "heads": (1, 1, 2, 2),
    "temporal_heads": 2,
    "cross_attention_dim": 32,
}

# what the released code could also do and the released weights do not use
FIXED = {
    "act_fn": "silu",
    "center_input_sample": False,
    "class_embed_type": None,
    "conv_in_kernel": 3,
    "conv_out_kernel": 3,
    "downsample_padding": 1,
    "dual_cross_attention": False,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 4,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-5,
    "num_class_embeds": None,
    "only_cross_attention": False,
    "out_channels": 4,
    "resnet_time_scale_shift": "default",
    "transformer_layers_per_block": 1,
    "use_frame_stride_condition": True,
    "use_linear_projection": True,
    "use_temporal": True,
}
FIRST_FRAME = {"concat": True, "input_only": False}  # whether frame 0 is among the keys of spatial attention, too
POSITIONS = ("rotary", "sinusoidal")


def from_release(arch: Mapping[str, Any]) -> dict[str, Any]:
    """Our arguments from those of the released code's UNet class; what is not given is as released.

    Raises:
        UsageError: the network is of a kind that was not released.
    """
    channels = tuple(arch.get("block_out_channels", RELEASED["block_out_channels"]))
    last = len(channels) - 1
    down = arch.get("down_block_types", ["CrossAttnDownBlock2D"] * last + ["DownBlock2D"])
    mirrored = [kind.replace("Down", "Up") for kind in reversed(down)]
    mode = arch.get("first_frame_condition_mode", "concat")
    positions = arch.get("temp_pos_embedding", RELEASED["positions"])
    fixed = [(name, arch.get(name, value), value) for name, value in FIXED.items()]
    fixed.append(("up_block_types", list(arch.get("up_block_types", mirrored)), mirrored))
    if mode not in FIRST_FRAME:
        fixed.append(("first_frame_condition_mode", mode, "concat"))
    if positions not in POSITIONS:
        fixed.append(("temp_pos_embedding", positions, "rotary"))
    for name, given, value in fixed:
        if given != value:
            raise UsageError(
                f"a ConsistI2V network with {name} = {given!r} was never released and cannot be built; only {value!r} "
                "is possible"
            )
    heads = arch.get("attention_head_dim", RELEASED["heads"])  # Stable Diffusion 2's name for the numbers of heads
    return {
        "block_out_channels": channels,
        "layers_per_block": arch.get("layers_per_block", RELEASED["layers_per_block"]),
        "norm_num_groups": arch.get("norm_num_groups", RELEASED["norm_num_groups"]),
        "heads": (heads,) * len(channels) if isinstance(heads, int) else tuple(heads),
        "temporal_heads": arch.get("n_temp_heads", RELEASED["temporal_heads"]),
        "cross_attention_dim": arch.get("cross_attention_dim", RELEASED["cross_attention_dim"]),
        "attending": tuple(kind.startswith("CrossAttn") for kind in down),
        "first_frame_keys": FIRST_FRAME[mode],
        "window": arch.get("augment_temporal_attention", RELEASED["window"]),
        "positions": positions,
    }
