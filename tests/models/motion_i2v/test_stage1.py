"""The stage-1 UNet at toy width."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.motion_i2v.config import RELEASED, TOY, from_release  # noqa: E402
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet  # noqa: E402

pytestmark = pytest.mark.slow

FRAMES = 3
STRIDE = torch.arange(1, FRAMES + 1)[None] * 8


@pytest.fixture(scope="module")
def unet():
    torch.manual_seed(0)
    built = MotionFieldUNet(**TOY)
    for name, parameter in built.named_parameters():
        if "proj_out" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return built.eval()


def given(batch=2, size=(8, 8)):
    torch.manual_seed(1)
    return torch.randn(batch, 8, FRAMES, *size), torch.randn(batch, 5, TOY["cross_attention_dim"])


@torch.no_grad()
def test_a_latent_whose_size_halves_unevenly_keeps_its_size(unet):
    sample, text = given(size=(5, 7))
    assert unet(sample, 500, text, STRIDE).shape == (2, 4, FRAMES, 5, 7)


@torch.no_grad()
def test_entries_of_a_batch_do_not_touch_each_other(unet):
    sample, text = given()
    both = unet(sample, torch.tensor([500, 100]), text, STRIDE)
    # at toy width a norm's group has two values at the bottom of the network, and widens the rounding of float32
    torch.testing.assert_close(both[:1], unet(sample[:1], 500, text[:1], STRIDE), atol=1e-3, rtol=0)
    torch.testing.assert_close(both[1:], unet(sample[1:], 100, text[1:], STRIDE), atol=1e-3, rtol=0)


@torch.no_grad()
def test_the_stride_of_a_frame_is_embedded_as_its_time_is_and_added(unet):
    embedding = unet.embedding(torch.tensor([[500]]), STRIDE)
    assert embedding.shape == (1, FRAMES, 4 * TOY["block_out_channels"][0])
    wave = unet.time_proj(torch.tensor([16]))
    half = wave.shape[1] // 2
    frequencies = 10000 ** (-torch.arange(half) / half)
    torch.testing.assert_close(wave[0], torch.cat([(16 * frequencies).cos(), (16 * frequencies).sin()]))
    expected = unet.time_embedding(unet.time_proj(torch.tensor([500]))) + unet.stride_embedding(wave)
    torch.testing.assert_close(embedding[0, 1:2], expected)


@torch.no_grad()
def test_keys_of_a_text_stand_for_the_text(unet):
    sample, text = given()
    assert torch.equal(unet(sample, 500, unet.text_keys(text), STRIDE), unet(sample, 500, text, STRIDE))


@torch.no_grad()
def test_what_is_saved_is_what_is_loaded(unet, tmp_path):
    unet.save_pretrained(tmp_path)
    loaded = MotionFieldUNet.from_pretrained(tmp_path)
    assert [loaded.config[name] for name in list(TOY)[1:]] == list(TOY.values())[1:]
    sample, text = given()
    assert torch.equal(loaded.eval()(sample, 500, text, STRIDE), unet(sample, 500, text, STRIDE))


def test_gradient_checkpointing_gives_the_same_gradients(unet):
    sample, text = given(batch=1)

    def gradients():
        unet.zero_grad()
        unet(sample, 500, text, STRIDE).square().mean().backward()
        return [parameter.grad.clone() for parameter in unet.parameters() if parameter.grad is not None]

    plain = gradients()
    unet.enable_gradient_checkpointing()
    again = gradients()
    unet.disable_gradient_checkpointing()
    assert len(plain) == len(list(unet.parameters())) == len(again)
    for one, other in zip(plain, again, strict=True):
        torch.testing.assert_close(one, other)


def test_at_released_sizes_it_has_the_release_s_parameters_and_keys():
    with torch.device("meta"):
        released = MotionFieldUNet(**RELEASED)
    assert sum(parameter.numel() for parameter in released.parameters()) == 1_314_792_324
    assert len(released.state_dict()) == 1278


def test_a_network_of_an_unreleased_kind_is_refused_by_name():
    arch = {
        "block_out_channels": [32, 64],
        "layers_per_block": 1,
        "norm_num_groups": 16,
        "attention_head_dim": 4,
        "cross_attention_dim": 24,
        "motion_module_kwargs": {
            "num_attention_heads": 8,
            "attention_block_types": ["Temporal_Self"],
            "temporal_position_encoding_max_len": 24,
        },
    }
    assert from_release(arch)["motion_attentions"] == 1
    with pytest.raises(UsageError, match="motion_module_mid_block = False"):
        from_release({**arch, "motion_module_mid_block": False})
