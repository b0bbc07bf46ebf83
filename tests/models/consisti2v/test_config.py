"""The released code's settings as ours."""

import pytest

from v2v_studio.errors import UsageError
from v2v_studio.models.consisti2v.config import RELEASED, from_release


def test_what_is_not_said_is_as_released():
    assert from_release({}) == RELEASED


def test_sizes_are_taken_over():
    arch = {
        "block_out_channels": [32, 64],
        "layers_per_block": 1,
        "attention_head_dim": 4,
        "n_temp_heads": 2,
        "norm_num_groups": 16,
        "cross_attention_dim": 24,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
        "augment_temporal_attention": False,
        "first_frame_condition_mode": "input_only",
        "temp_pos_embedding": "sinusoidal",
        "sample_size": 64,
    }
    assert from_release(arch) == {
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "norm_num_groups": 16,
        "heads": (4, 4),
        "temporal_heads": 2,
        "cross_attention_dim": 24,
        "attending": (False, True),
        "first_frame_keys": False,
        "window": False,
        "positions": "sinusoidal",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first_frame_condition_mode", "conv2d"),
        ("temp_pos_embedding", "learned"),
        ("up_block_types", ["UpBlock2D"] * 4),
        ("norm_eps", 1e-6),
    ],
)
def test_a_kind_that_was_never_released_is_refused(name, value):
    with pytest.raises(UsageError, match=f"{name} = .* was never released"):
        from_release({name: value})
