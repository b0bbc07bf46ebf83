"""Convolution over the frames, against torch's own in three dimensions."""

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402

from v2v_studio.models.consisti2v.temporal_conv import TemporalConv  # noqa: E402

pytestmark = pytest.mark.slow

FRAMES = 5
SUMS = {"atol": 2e-6, "rtol": 1e-5}  # of the same products in another order


@pytest.fixture
def conv():
    torch.manual_seed(0)
    return TemporalConv(64)


def hidden(memory=torch.contiguous_format):
    video = torch.randn(2 * FRAMES, 64, 3, 2, generator=torch.Generator().manual_seed(1))
    return video.contiguous(memory_format=memory)


def slowly(conv, hidden, alpha):
    branch = hidden
    for norm, layer in ((conv.norm1, conv.conv1), (conv.norm2, conv.conv2)):
        video = F.silu(norm(branch)).unflatten(0, (-1, FRAMES)).transpose(1, 2)
        branch = F.conv3d(video, layer.weight, layer.bias, padding=(1, 0, 0)).transpose(1, 2).flatten(0, 1)
    return alpha * hidden + (1 - alpha) * (hidden + branch)


@torch.no_grad()
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("alpha", "held"), [(0.3, 0.3), (0.0, 0.0), (1.7, 1.0), (-0.4, 0.0)])
def test_it_is_the_convolution_in_three_dimensions_blended_within_bounds(conv, alpha, held, memory):
    torch.nn.init.constant_(conv.alpha, alpha)
    torch.testing.assert_close(conv(hidden(memory), FRAMES), slowly(conv, hidden(), held), **SUMS)


@torch.no_grad()
def test_a_blend_out_of_bounds_is_held_and_the_weight_left_alone(conv):
    torch.nn.init.constant_(conv.alpha, 1.7)
    conv(hidden(), FRAMES)
    assert conv.alpha.item() == pytest.approx(1.7)


@torch.no_grad()
def test_a_new_layer_changes_nothing(conv):
    assert torch.equal(conv(hidden(), FRAMES), hidden())


@torch.no_grad()
def test_it_is_told_no_time_though_it_has_weights_for_it(conv):
    torch.nn.init.zeros_(conv.alpha)
    before = conv(hidden(), FRAMES)
    conv.time_emb_proj.weight.data += 1
    assert torch.equal(conv(hidden(), FRAMES), before)


@torch.no_grad()
def test_frames_of_another_video_are_not_seen(conv):
    torch.nn.init.zeros_(conv.alpha)
    video = hidden()
    both = conv(video, FRAMES)
    torch.testing.assert_close(conv(video[FRAMES:], FRAMES), both[FRAMES:], **SUMS)
