"""The stage-2 UNet at toy width."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.motion_i2v.config import RELEASED, TOY  # noqa: E402
from v2v_studio.models.motion_i2v.stage2 import VideoUNet  # noqa: E402

pytestmark = pytest.mark.slow

FRAMES = 4


@pytest.fixture(scope="module")
def unet():
    torch.manual_seed(0)
    built = VideoUNet(**TOY)
    for name, parameter in built.named_parameters():
        if "proj_out" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return built.eval()


def given(batch=2, size=(8, 12)):
    torch.manual_seed(1)
    sample, text = torch.randn(batch, 4, FRAMES, *size), torch.randn(batch, 5, TOY["cross_attention_dim"])
    return sample, text, 12 * torch.randn(batch, FRAMES, 2, 8 * size[0], 8 * size[1])


@torch.no_grad()
def test_a_latent_whose_size_halves_unevenly_keeps_its_size(unet):
    sample, text, flow = given(1, (5, 7))
    assert unet(sample, 500, text, unet.splats(flow, (5, 7))).shape == sample.shape


@torch.no_grad()
def test_frame_0_is_told_t_is_1_and_the_others_the_time(unet):
    sample, _, _ = given()
    embedding = unet.frame_embedding(torch.tensor([500, 7]), sample)
    for frame, times in enumerate([(1, 1), (500, 7), (500, 7), (500, 7)]):
        expected = unet.time_embedding(unet.time_proj(torch.tensor(times)))
        torch.testing.assert_close(embedding[:, frame], expected)


@torch.no_grad()
def test_entries_of_a_batch_touch_each_other_in_the_released_order_alone(unet):
    sample, text, flow = given()
    alone = [
        unet(sample[i : i + 1], 500, text[i : i + 1], unet.splats(flow[i : i + 1], (8, 12))) for i in range(len(sample))
    ]
    apart = unet(sample, 500, text, unet.splats(flow, (8, 12)))
    # at toy width a norm's group has two values at the bottom of the network, and widens the rounding of float32
    torch.testing.assert_close(apart, torch.cat(alone), atol=1e-3, rtol=0)
    mixed = unet(sample, 500, text, unet.splats(flow, (8, 12), cfg_batch_order="released"))
    assert (mixed - apart).abs().max() > 0.05


@torch.no_grad()
def test_the_flow_matters_and_its_first_entry_does_not(unet):
    sample, text, flow = given(1)
    moved = unet(sample, 500, text, unet.splats(flow, (8, 12)))
    flow[:, 0] += 5
    assert torch.equal(unet(sample, 500, text, unet.splats(flow, (8, 12))), moved)
    flow[:, 1] += 5
    assert not torch.allclose(unet(sample, 500, text, unet.splats(flow, (8, 12))), moved, atol=1e-4)


@torch.no_grad()
def test_geometry_of_another_size_is_refused(unet):
    sample, text, flow = given(1)
    with pytest.raises(UsageError, match=r"\(8, 16\), not \(8, 12\)"):
        unet(sample, 500, text, unet.splats(flow, (8, 16)))


def test_at_released_sizes_it_has_the_release_s_parameters_and_keys():
    with torch.device("meta"):
        released = VideoUNet(**RELEASED)
    assert sum(parameter.numel() for parameter in released.parameters()) == 1_312_730_244
    assert len(released.state_dict()) == 1274
    motion = [name for name, _ in released.named_parameters() if "motion_modules" in name]
    assert sum(released.get_parameter(name).numel() for name in motion) == 453_209_280
