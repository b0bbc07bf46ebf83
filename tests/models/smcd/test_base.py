"""The network that SMCD starts from: diffusers' own class beside ours with its weights, and what training begins with."""

import pytest

torch = pytest.importorskip("torch")

import v2v_studio.models.torchvision_shim  # noqa: F401, E402, isort:skip
from diffusers import UNet3DConditionModel  # noqa: E402

from tests.models.smcd.toy_release import stir  # noqa: E402
from v2v_studio.errors import MissingError  # noqa: E402
from v2v_studio.models.smcd.base import begin, from_diffusers, widened  # noqa: E402
from v2v_studio.models.smcd.config import RELEASED, encoder_from_release, from_release  # noqa: E402
from v2v_studio.models.smcd.controlnet import ControlNet  # noqa: E402
from v2v_studio.models.smcd.unet import UNet  # noqa: E402

pytestmark = pytest.mark.slow

TEXT = 16
ARCH = {  # diffusers' first temporal transformer has 8 heads whatever the others have
    **RELEASED,
    "dim": 32,
    "dim_mult": [1, 2],
    "num_res_blocks": 2,
    "attn_scales": [1],
    "num_heads": 8,
    "head_dim": 16,
    "context_dim": TEXT,
}


def theirs():
    torch.manual_seed(0)
    net = UNet3DConditionModel(
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
        block_out_channels=(32, 64),
        layers_per_block=2,
        cross_attention_dim=TEXT,
        attention_head_dim=16,
    )
    stir(net)
    return net.double().eval()


def ours(**changes):
    return UNet(**from_release({**ARCH, **changes})).double().eval()


@torch.no_grad()
def test_diffusers_network_and_ours_with_its_weights_are_one():
    base, net = theirs(), ours()
    net.load_state_dict(from_diffusers(base.state_dict()))
    sample, text = torch.randn(2, 4, 3, 8, 12, dtype=torch.float64), torch.randn(2, 5, TEXT, dtype=torch.float64)
    expected = base(sample, torch.tensor([7, 400]), text).sample
    # the two work out frequencies of the time in float32, one as a power and one as an exponential
    torch.testing.assert_close(net(sample, torch.tensor([7, 400]), net.kept(text)), expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_training_begins_at_the_base_whatever_the_first_frame_is():
    base, net = ours(), ours(cat_init=True, use_gate_self_attn="vanilla_cross_vision")
    stir(base)
    added = begin(net, base.state_dict())
    assert {name.split(".gate_attn.")[0] for name in added if ".gate_attn." not in name} == {"input_blocks.0.0.weight"}
    sample, text = torch.randn(1, 4, 3, 8, 12, dtype=torch.float64), torch.randn(1, 5, TEXT, dtype=torch.float64)
    first = torch.randn_like(sample)
    told = net.kept(text, torch.randn(3, 2, 1024, dtype=torch.float64), torch.randn(1, 2, 1024, dtype=torch.float64))
    made = net(torch.cat([sample, first], 1), 500, told)
    torch.testing.assert_close(made, base(sample, 500, base.kept(text)))


@torch.no_grad()
def test_a_control_net_begins_as_a_copy_of_the_way_down():
    base, control = ours(), ControlNet(**encoder_from_release(ARCH)).double()
    stir(base)
    added = begin(control, base.state_dict())
    assert {name.split(".")[0] for name in added} == {"zero_convs", "input_hint_block"}
    copied = [name for name in control.state_dict() if name not in added]
    assert all(torch.equal(control.state_dict()[name], base.state_dict()[name]) for name in copied)


def test_inputs_for_a_control_nets_maps_copy_the_last_ones():
    assert widened("output_blocks.0.0.in_layers.0.weight", torch.arange(6), torch.Size([9])).tolist() == [
        *range(6),
        *range(3, 6),
    ]
    wide = widened(
        "output_blocks.0.0.skip_connection.weight", torch.arange(4.0).view(1, 4, 1, 1), torch.Size([1, 6, 1, 1])
    )
    assert wide.flatten().tolist() == [0, 1, 2, 3, 2, 3]


def test_inputs_for_the_first_frame_begin_at_nought():
    wide = widened("input_blocks.0.0.weight", torch.ones(2, 4, 3, 3), torch.Size([2, 8, 3, 3]))
    assert wide[:, :4].all()
    assert not wide[:, 4:].any()


def test_a_first_convolution_that_is_too_wide_is_cut():
    cut = widened("input_blocks.0.0.weight", torch.arange(8.0).view(1, 8, 1, 1), torch.Size([1, 4, 1, 1]))
    assert cut.flatten().tolist() == [0, 1, 2, 3]


def test_a_weight_that_no_text_to_video_network_has_is_named():
    with pytest.raises(MissingError, match=r"down_blocks\.0\.motion\.0\.w is no weight"):
        from_diffusers({"down_blocks.0.motion.0.w": torch.zeros(1)})


def test_a_weight_of_the_base_that_is_missing_or_misshapen_is_named():
    net, state = ours(cat_init=True), ours().state_dict()
    name = "middle_block.0.out_layers.3.weight"
    with pytest.raises(MissingError, match=f"the base has no {name}"):
        begin(net, {own: tensor for own, tensor in state.items() if own != name})
    with pytest.raises(MissingError, match=rf"{name} has the shape \(64, 64, 1, 1\) in the base"):
        begin(net, {**state, name: state[name][..., :1, :1]})
