"""The UNet at toy width, and its released layout."""

import pytest

torch = pytest.importorskip("torch")

from tests.models.consisti2v.toy_release import moving  # noqa: E402
from v2v_studio.models.checkpoint import fitted  # noqa: E402
from v2v_studio.models.consisti2v.config import RELEASED, TOY  # noqa: E402
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet  # noqa: E402

pytestmark = pytest.mark.slow

SUMS = {"atol": 1e-5, "rtol": 1e-4}  # of the same products in another order, through the whole network


@pytest.fixture(scope="module")
def unet():
    torch.manual_seed(0)
    return moving(TOY)


def given(batch=1, frames=4, size=(16, 16), words=5):
    """Of 16 x 16: on the smallest level of 8 x 8 a group of the norms is two values, of which rounding makes any sign."""
    noise = torch.Generator().manual_seed(1)
    sample = torch.randn(batch, 4, frames - 1, *size, generator=noise)
    text = torch.randn(batch, words, TOY["cross_attention_dim"], generator=noise)
    return sample, 481, text, torch.randn(batch, 4, 1, *size, generator=noise)


def test_the_released_network_has_as_many_weights_as_its_file():
    with torch.device("meta"):
        weights = ConsistI2VUNet(**RELEASED).state_dict()
    assert len(weights) == 1397
    assert sum(weight.numel() for weight in weights.values()) == 1_249_975_241


def test_the_middle_has_no_temporal_attention_and_the_smallest_level_none_at_all(unet):
    names = unet.state_dict().keys()
    assert not any(name.startswith(("mid_block.tempo_attns", "down_blocks.3.attentions")) for name in names)
    assert any(name.startswith("mid_block.attentions.0") for name in names)


@torch.no_grad()
@pytest.mark.parametrize("size", [(8, 8), (5, 12), (1, 3)])
@pytest.mark.parametrize("frames", [2, 5])
def test_any_size_and_any_number_of_frames(unet, size, frames):
    predicted = unet(*given(frames=frames, size=size))
    assert predicted.shape == (1, 4, frames - 1, *size)
    assert predicted.isfinite().all()


@torch.no_grad()
def test_keys_of_a_text_are_as_good_as_the_text(unet):
    sample, time, text, first = given()
    assert torch.equal(unet(sample, time, unet.text_keys(text), first), unet(sample, time, text, first))


@torch.no_grad()
def test_entries_of_a_batch_do_not_see_each_other(unet):
    sample, time, text, first = given(batch=2)
    both = unet(sample, time, text, first)
    for entry in (0, 1):
        part = slice(entry, entry + 1)
        torch.testing.assert_close(unet(sample[part], time, text[part], first[part]), both[part], **SUMS)


@torch.no_grad()
def test_one_time_is_that_time_for_every_frame_the_first_too(unet):
    sample, time, text, first = given()
    every = torch.full((4,), time)
    assert torch.equal(unet(sample, every, text, first, torch.full((4,), 3)), unet(sample, time, text, first, 3))
    every[0] = 1
    assert not torch.allclose(unet(sample, every, text, first), unet(sample, time, text, first), atol=1e-4)


@torch.no_grad()
def test_everything_it_is_told_matters(unet):
    sample, time, text, first = given()
    plain = unet(sample, time, text, first)
    others = {
        "first frame": unet(sample, time, text, -first),
        "text": unet(sample, time, -text, first),
        "stride": unet(sample, time, text, first, 5),
        "time": unet(sample, 21, text, first),
        "order of frames": unet(sample.flip(2), time, text, first).flip(2),
    }
    assert [name for name, other in others.items() if torch.allclose(other, plain, atol=1e-4)] == []


@torch.no_grad()
def test_a_new_networks_temporal_layers_and_stride_change_nothing():
    torch.manual_seed(0)
    unet = ConsistI2VUNet(**TOY | {"first_frame_keys": False}).eval()
    sample, time, text, first = given()
    whole = unet(sample, time, text, first)
    one = unet(sample[:, :, 2:], time, text, first, 5)
    torch.testing.assert_close(one, whole[:, :, 2:], **SUMS)


def test_checkpointing_keeps_the_first_frame_and_the_gradients(unet):
    sample, time, text, first = given()
    results = []
    for kept in (False, True):
        unet.enable_gradient_checkpointing() if kept else unet.disable_gradient_checkpointing()
        unet.zero_grad()
        predicted = unet(sample, time, text, first)
        predicted.square().mean().backward()
        results.append((predicted.detach(), {name: weight.grad for name, weight in unet.named_parameters()}))
    unet.disable_gradient_checkpointing()
    (plain, gradients), (checkpointed, again) = results
    torch.testing.assert_close(checkpointed, plain)
    unused = {name for name, gradient in gradients.items() if gradient is None}
    assert all(("conv3ds" in name and "time_emb_proj" in name) or "rotary_bias" in name for name in unused)
    for name in gradients.keys() - unused:
        torch.testing.assert_close(again[name], gradients[name], atol=1e-6, rtol=1e-4)


def test_a_network_saved_by_diffusers_opens_again_its_angles_in_full_precision(unet, tmp_path):
    unet.save_pretrained(tmp_path)
    opened = ConsistI2VUNet.from_pretrained(tmp_path, torch_dtype=torch.bfloat16)
    assert opened.config["heads"] == list(TOY["heads"])
    expected = unet.state_dict()
    for name, weight in opened.state_dict().items():
        exact = expected[name] if "rotary_emb" in name else expected[name].bfloat16()
        assert torch.equal(weight, exact)


@torch.no_grad()
def test_half_precision_is_close(unet):
    sample, time, text, first = given()
    full = unet(sample, time, text, first)
    half = fitted(lambda: ConsistI2VUNet(**TOY), unet.state_dict(), "toy", dtype=torch.bfloat16)
    made = half(*(part.bfloat16() if isinstance(part, torch.Tensor) else part for part in given()))
    assert (made.float() - full).abs().max() < 0.05 * full.abs().max()  # 8 bits of precision, through 50 layers
