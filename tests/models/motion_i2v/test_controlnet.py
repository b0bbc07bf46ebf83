"""The trajectory ControlNet at toy width."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.motion_i2v.config import RELEASED, TOY  # noqa: E402
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet  # noqa: E402
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet  # noqa: E402

pytestmark = pytest.mark.slow

STRIDE = torch.tensor([[8, 16]])


def given():
    torch.manual_seed(1)
    sample, text = torch.randn(2, 8, 2, 8, 8), torch.randn(2, 5, TOY["cross_attention_dim"])
    return (sample, 500, text, STRIDE), torch.randn(1, 5, 2, 8, 8)


@pytest.fixture(scope="module")
def control_net():
    torch.manual_seed(0)
    return TrajectoryControlNet(**TOY).eval()


@torch.no_grad()
def test_a_new_one_adds_nothing(control_net):
    inputs, control = given()
    shown = control_net.controlnet_cond_embedding(control)
    assert not shown.any()
    residuals = control_net(*inputs, shown)
    assert not residuals.middle.any()
    assert not any(skip.any() for skip in residuals.skips)
    unet = MotionFieldUNet(**TOY).eval()
    assert torch.equal(unet(*inputs, residuals), unet(*inputs))


@torch.no_grad()
def test_each_skip_of_the_unet_has_a_residual_and_a_scale_of_a_half_is_half_of_it(control_net):
    inputs, control = given()
    for convolution in [*control_net.controlnet_down_blocks, control_net.controlnet_mid_block]:
        torch.nn.init.normal_(convolution.weight)
    shown = control_net.controlnet_cond_embedding(control)
    whole, half = control_net(*inputs, shown), control_net(*inputs, shown, scale=0.5)
    assert len(whole.skips) == 1 + 4 * TOY["layers_per_block"] + 3
    for one, other in zip([*whole.skips, whole.middle], [*half.skips, half.middle], strict=True):
        torch.testing.assert_close(other, one / 2)


def test_at_released_sizes_it_has_the_release_s_parameters_and_keys():
    with torch.device("meta"):
        released = TrajectoryControlNet(**RELEASED)
    assert sum(parameter.numel() for parameter in released.parameters()) == 566_679_872
    assert len(released.state_dict()) == 584
