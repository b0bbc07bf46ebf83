"""The transformer over frames at each pixel."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.motion_i2v.motion_module import MotionModule  # noqa: E402
from v2v_studio.models.motion_i2v.splat import Splat  # noqa: E402

pytestmark = pytest.mark.slow

FRAMES, SIZE = 3, (2, 3)


def filled(channels=32):
    torch.manual_seed(0)
    module = MotionModule(channels, heads=4, attentions=2, positions=32)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return module.eval()


def hidden(channels=32):
    torch.manual_seed(1)
    return torch.randn(FRAMES, channels, *SIZE)


def test_a_new_module_changes_nothing():
    module = MotionModule(32, heads=4, attentions=2, positions=32)
    assert torch.equal(module(hidden(), FRAMES), hidden())


@torch.no_grad()
def test_every_pixel_without_a_flow_is_on_its_own_but_for_the_norm():
    transformer = filled().temporal_transformer
    transformer.norm = torch.nn.Identity()
    other = hidden()
    other[:, :, 0, 0] += 1
    changed = (transformer(other, FRAMES, None) - transformer(hidden(), FRAMES, None)).abs().amax(dim=(0, 1))
    assert changed[0, 0] > 0.1
    assert changed.flatten()[1:].max() < 1e-6  # sums of float32 in another order at most


@torch.no_grad()
def test_the_norm_has_32_groups_for_each_frame():
    norm = filled(64).temporal_transformer.norm
    x = hidden(64)
    pairs = x[0].view(32, 2, -1)  # two channels of one frame are a group
    mean, variance = pairs.mean((1, 2)), pairs.var((1, 2), unbiased=False)
    expected = ((pairs - mean[:, None, None]) / (variance[:, None, None] + 1e-6).sqrt()).view(x[0].shape)
    expected = expected * norm.weight[:, None, None] + norm.bias[:, None, None]
    torch.testing.assert_close(norm(x)[0], expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_second_attention_moves_what_the_first_has_updated():
    module = filled()
    splat = Splat(torch.ones(1, FRAMES - 1, 2, *SIZE))
    moved = []
    handles = [
        norm.register_forward_hook(lambda _, __, normed: moved.append(normed[:, 0].clone()))
        for norm in module.temporal_transformer.transformer_blocks[0].norms
    ]
    seen = []
    part_of = Splat.part

    def watched(self, features, entry, pixels):
        seen.append(features)
        return part_of(self, features, entry, pixels)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Splat, "part", watched)
        module(hidden(), FRAMES, splat)
    for handle in handles:
        handle.remove()
    attentions = module.temporal_transformer.transformer_blocks[0].attention_blocks
    for attention, reference, features in zip(attentions, moved, seen, strict=True):
        torch.testing.assert_close(features, torch.cat([attention.to_k(reference), attention.to_v(reference)], dim=-1))
    assert not torch.allclose(moved[0], moved[1])
