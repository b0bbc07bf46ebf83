"""ConsistI2V's stage: what its loss is of, what of it is trained, and what the released code does otherwise."""

from fractions import Fraction

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from tests.models.consisti2v.toy_release import moving  # noqa: E402
from v2v_studio.errors import MissingError  # noqa: E402
from v2v_studio.models.consisti2v.base import begin  # noqa: E402
from v2v_studio.models.consisti2v.config import RELEASED, TOY  # noqa: E402
from v2v_studio.models.consisti2v.load import load_consisti2v  # noqa: E402
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet  # noqa: E402
from v2v_studio.training.draw import generator  # noqa: E402
from v2v_studio.training.recipe import recipe  # noqa: E402
from v2v_studio.training.recipes import consisti2v as module  # noqa: E402
from v2v_studio.training.recipes.consisti2v import ConsistI2V, ConsistI2VParams, hold_blends, noise_loss  # noqa: E402
from v2v_studio.training.sample import Sample  # noqa: E402

pytestmark = pytest.mark.slow


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


class Listening(torch.nn.Module):
    """Predicts nought, and remembers what it was given."""

    def forward(self, sample, timestep, text, first, stride):
        self.told = {"sample": sample, "timestep": timestep, "text": text, "first": first, "stride": stride}
        return torch.zeros_like(sample)


@pytest.fixture
def told():
    """Two clips of 3 frames, the second shown its first frame with noise: the loss, and what the network was told."""
    unet, clean, noise = Listening(), normal(2, 4, 3, 2, 2), normal(2, 4, 3, 2, 2, seed=1)
    kept, times, strides = torch.tensor([0.64, 0.36]), torch.tensor([100, 700]), torch.tensor([2.0, 5.0])
    without, text = torch.tensor([False, True]), normal(2, 5, 8)
    loss = noise_loss(unet, clean, noise, kept, times, without, text, strides)
    noisy = torch.stack([0.8 * clean[0] + 0.6 * noise[0], 0.6 * clean[1] + 0.8 * noise[1]])
    return unet.told, clean, noise, noisy, loss


def test_the_first_frame_is_no_part_of_the_error_and_of_what_is_noisy(told):
    given, _, noise, noisy, loss = told
    assert loss == pytest.approx(float((noise[:, :, 1:] ** 2).mean()))
    torch.testing.assert_close(given["sample"], noisy[:, :, 1:])


def test_the_first_frame_stands_clean_before_the_others_or_with_the_noise_of_its_time(told):
    given, clean, _, noisy, _ = told
    torch.testing.assert_close(given["first"], torch.stack([clean[0, :, :1], noisy[1, :, :1]]))


def test_every_frame_has_its_clips_time_and_stride(told):
    given, *_ = told
    assert given["timestep"].tolist() == [100] * 3 + [700] * 3
    assert given["stride"].tolist() == [2] * 3 + [5] * 3


def test_frames_share_of_their_noise_what_alpha_says_and_the_first_is_left_out_as_often_as_asked():
    """1.5^2 / (1 + 1.5^2) = 0.69 of the variance."""
    params = ConsistI2VParams(image_drop=0.25)
    recipe, unet = ConsistI2V(params), Listening()
    clean = torch.zeros(400, 4, 3, 4, 4)
    batch = {"latents": clean, "text": normal(400, 5, 8), "strides": torch.ones(400)}
    recipe.loss(torch.nn.ModuleDict({"unet": unet}), batch, generator(0))
    noise = unet.told["sample"] / unet.told["sample"].std((1, 2, 3, 4), keepdim=True)
    shared = (noise[:, :, 0] * noise[:, :, 1]).mean()
    assert float(shared) == pytest.approx(0.69, abs=0.02)
    left_out = unet.told["first"].abs().amax((1, 2, 3, 4)) > 0  # a clean one is nought here
    assert float(left_out.float().mean()) == pytest.approx(0.25, abs=0.06)  # a deviation of 0.022


def test_the_same_draw_gives_the_same_loss_and_another_one_another(networks, batch):
    recipe = ConsistI2V(ConsistI2VParams())
    losses = [float(recipe.loss(networks, batch, generator(seed)).total.detach()) for seed in (3, 3, 4)]
    assert losses[0] == losses[1] != losses[2]


@pytest.fixture(scope="module")
def whole():
    """All networks at toy width."""
    return recipe("consisti2v", "toy").networks("toy", 0)


@torch.no_grad()
def test_half_of_the_clips_are_mirrored_and_each_is_told_the_stride_it_has(whole, monkeypatch):
    """Of 10 frames, 4 of them are 1, 2 or 3 apart; the release would also tell it 4 and 5, and take them 3 apart."""
    frames = np.zeros((10, 3, 32, 32), np.float32)
    frames[range(10), :, :, range(10)] = 1  # a bar one pixel wide, which moves a pixel to the right in each frame
    sample, seen = Sample("bar", frames, Fraction(24), np.arange(10)), []
    monkeypatch.setattr(module, "latents", lambda vae, taken, draw: seen.extend(taken) or torch.zeros(len(taken)))
    batch = recipe("consisti2v", "toy").batch(whole, [sample] * 100, generator(0))
    steps = np.array([np.diff(clip[:, 0, 0].argmax(-1)) for clip in seen])
    assert (np.abs(steps) == batch["strides"].numpy()[:, None]).all()
    assert set(batch["strides"].tolist()) == {1, 2, 3}
    assert (steps < 0).all(1).mean() == pytest.approx(0.5, abs=0.15)  # a deviation of 0.05
    assert ((steps < 0).all(1) | (steps > 0).all(1)).all()


@torch.no_grad()
def test_a_caption_is_left_out_as_often_as_asked(whole, clips, monkeypatch):
    read = []
    monkeypatch.setattr(type(whole["texts"]), "forward", lambda self, texts: read.extend(texts) or torch.zeros(1))
    recipe("consisti2v", "toy", {"text_drop": 0.3}).batch(whole, clips * 25, generator(0))
    assert read.count("") / 100 == pytest.approx(0.3, abs=0.14)  # a deviation of 0.046
    assert recipe("consisti2v").params.text_drop == 0.1


def test_a_run_is_rendered_with_and_gone_on_from(whole, clips, tmp_path):
    own = recipe("consisti2v", "toy")
    own.export(whole, tmp_path)
    model = load_consisti2v(tmp_path, "cpu")
    made = model.frames(np.full((3, 32, 32), 0.5, np.float32), "a square", "", frames=3, steps=1, guidance_text=1)
    assert made.frames.shape == (3, 3, 32, 32)
    again = recipe("consisti2v", "toy", {"start": str(tmp_path)}).networks("toy", 1)
    for name, weight in whole.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


def test_it_begins_with_a_text_to_image_networks_layers_and_temporal_ones_that_change_nothing(tmp_path):
    from diffusers import UNet2DConditionModel

    base = UNet2DConditionModel(
        block_out_channels=TOY["block_out_channels"],
        down_block_types=["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
        layers_per_block=TOY["layers_per_block"],
        attention_head_dim=TOY["heads"],
        cross_attention_dim=TOY["cross_attention_dim"],
        use_linear_projection=True,
    )
    base.save_pretrained(tmp_path / "unet")
    unet = recipe("consisti2v", "toy", {"start": str(tmp_path)}).networks("toy", 0)["unet"]
    own = unet.state_dict()
    assert all(torch.equal(own[name], weight) for name, weight in base.state_dict().items())
    assert all(weight == 1 for name, weight in own.items() if name.endswith(".alpha"))
    with pytest.raises(MissingError, match=r"1 missing: conv_in.bias; 1 unexpected: conv_on.bias"):
        state = base.state_dict()
        state["conv_on.bias"] = state.pop("conv_in.bias")
        begin(unet, state, "a file")


def test_at_released_sizes_what_is_not_there_is_named_with_what_to_do(tmp_path):
    with pytest.raises(MissingError, match="no unet and no vae and no text_encoder is there to begin with"):
        recipe("consisti2v", "released", {"start": str(tmp_path)}).networks("released", 0)


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    return torch.nn.ModuleDict({"unet": moving(TOY), "vae": torch.nn.Linear(2, 2)})


@pytest.fixture(scope="module")
def batch():
    return {"latents": normal(2, 4, 3, 16, 16), "text": normal(2, 5, 32), "strides": torch.tensor([1.0, 3.0])}


def test_all_of_the_unet_is_trained_but_what_no_pass_reads():
    with torch.device("meta"):
        networks = torch.nn.ModuleDict({"unet": ConsistI2VUNet(**RELEASED), "vae": torch.nn.Linear(2, 2)})
    names = set(ConsistI2V(ConsistI2VParams()).trainable(networks))
    left = {name for name, _ in networks["unet"].named_parameters() if f"unet.{name}" not in names}
    dead = sum(networks["unet"].get_parameter(name).numel() for name in left if "time_emb_proj" in name)
    assert dead == pytest.approx(10.34e6, rel=1e-3)  # as the fact sheet counts them
    assert {name.rpartition(".rotary_bias")[1] or name.rpartition(".time_emb_proj")[1] for name in left} == {
        ".rotary_bias",
        ".time_emb_proj",
    }
    assert "unet.down_blocks.0.resnets.0.time_emb_proj.weight" in names  # of a block that does read it


def test_a_blend_that_was_carried_out_of_bounds_is_put_back_and_trained_on(networks, batch):
    """Held in the pass alone it would have no gradient, and its layer no part in the network ever after."""
    blend = networks["unet"].down_blocks[0].tempo_attns[0].alpha
    before = blend.detach().clone()
    with torch.no_grad():
        blend.fill_(1.02)
    blend.requires_grad_(True)
    blend.grad = None
    recipe = ConsistI2V(ConsistI2VParams())
    recipe.loss(networks, batch, generator(0)).total.backward()
    assert blend.tolist() == [1]
    assert blend.grad.any()
    with torch.no_grad():
        blend.copy_(before)


def test_blends_within_bounds_stay():
    unet = moving(TOY)
    before = {name: weight.clone() for name, weight in unet.named_parameters()}
    hold_blends(unet)
    assert all(torch.equal(weight, before[name]) for name, weight in unet.named_parameters())
