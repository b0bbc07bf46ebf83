"""The recipes of Motion-I2V: what is trained by name and number, sizes, what the networks are shown."""

from fractions import Fraction

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tests.training.squares import SIDE, clip  # noqa: E402
from v2v_studio.errors import MediaError, MissingError  # noqa: E402
from v2v_studio.models.motion_i2v.config import RELEASED  # noqa: E402
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet  # noqa: E402
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet  # noqa: E402
from v2v_studio.models.motion_i2v.stage2 import VideoUNet  # noqa: E402
from v2v_studio.models.vae import autoencoder  # noqa: E402
from v2v_studio.training.draw import generator  # noqa: E402
from v2v_studio.training.motion_i2v import AUTOENCODERS, SIZES, begin_with  # noqa: E402
from v2v_studio.training.recipe import recipe  # noqa: E402
from v2v_studio.training.sample import Sample  # noqa: E402

pytestmark = pytest.mark.slow

# section 8 of the fact sheet: names without the tables of positions, and how many numbers they are
ALL, MODULES = 1_314_792_324, 453_209_280
TRAINED = [
    ("motion_i2v_flow_vae", {}, 248, 83_651_558),
    ("motion_i2v_stage1", {"phase": "single-flow"}, 690, ALL - MODULES),
    ("motion_i2v_stage1", {"phase": "temporal"}, 546, MODULES),
    ("motion_i2v_stage1", {"phase": "full"}, 1236, ALL),
    ("motion_i2v_controlnet", {}, 566, 566_679_872),
    ("motion_i2v_stage2", {}, 546, MODULES),
]


def released(name):
    """The trained networks of the released sizes, without memory for their weights."""
    with torch.device("meta"):
        if name == "motion_i2v_flow_vae":
            return nn.ModuleDict({"vae": autoencoder(2)})
        unet = VideoUNet(**RELEASED) if name == "motion_i2v_stage2" else MotionFieldUNet(**RELEASED)
        made = {"unet": unet, "vae": autoencoder(3)}
        if name == "motion_i2v_controlnet":
            made["controlnet"] = TrajectoryControlNet(**RELEASED)
        return nn.ModuleDict(made)


def in_motion_modules():
    """The names of section 8.1, written out."""
    places = [f"down_blocks.{level}.motion_modules.{layer}" for level in range(4) for layer in range(2)]
    places += ["mid_block.motion_modules.0"]
    places += [f"up_blocks.{level}.motion_modules.{layer}" for level in range(4) for layer in range(3)]
    block = "transformer_blocks.0"
    both = ["norm", "proj_in", "proj_out", f"{block}.norms.0", f"{block}.norms.1", f"{block}.ff_norm"]
    both += [f"{block}.ff.net.0.proj", f"{block}.ff.net.2", *(f"{block}.attention_blocks.{n}.to_out.0" for n in (0, 1))]
    bare = [f"{block}.attention_blocks.{n}.to_{kind}" for n in (0, 1) for kind in "qkv"]
    names = [f"{name}.{part}" for name in both for part in ("weight", "bias")] + [f"{name}.weight" for name in bare]
    return {f"unet.{place}.temporal_transformer.{name}" for place in places for name in names}


@pytest.mark.parametrize(("name", "options", "count", "numbers"), TRAINED)
def test_what_is_trained_is_what_the_fact_sheet_lists(name, options, count, numbers):
    networks = released(name)
    names = recipe(name, "released", options).trainable(networks)
    parameters = dict(networks.named_parameters())
    assert (len(names), len(set(names))) == (count, count)
    assert sum(parameters[name].numel() for name in names) == numbers
    if name == "motion_i2v_controlnet":
        assert set(names) == {part for part in parameters if part.startswith("controlnet.")}
    elif numbers == MODULES:
        assert set(names) == in_motion_modules()
    elif options.get("phase") == "single-flow":
        assert set(names) == {part for part in parameters if part.startswith("unet.")} - in_motion_modules()


def test_mini_has_about_20_million_weights():
    """Both autoencoders and both stages; the ControlNet comes on top."""
    with torch.device("meta"):
        parts = [autoencoder(channels, AUTOENCODERS["mini"]) for channels in (2, 3)]
        parts += [MotionFieldUNet(**SIZES["mini"]), VideoUNet(**SIZES["mini"])]
        millions = sum(weight.numel() for part in parts for weight in part.parameters()) / 1e6
    assert 19 < millions < 21


def test_each_phase_has_its_own_defaults_and_says_what_is_asked_for_over_them():
    sizes = {
        phase: recipe("motion_i2v_stage1", "released", {"phase": phase}).params
        for phase in ("single-flow", "temporal", "full")
    }
    assert [(size.batch, size.height, size.width) for size in sizes.values()] == [
        (8, 320, 512),
        (2, 320, 320),
        (2, 320, 512),
    ]
    assert recipe("motion_i2v_stage1", "released", {"phase": "temporal", "batch": "5"}).params.batch == 5


def test_a_base_reads_noise_where_noise_is_and_ignores_the_picture_at_first():
    unet = MotionFieldUNet(**SIZES["toy"])
    flat = {name: torch.rand_like(value) for name, value in unet.state_dict().items() if "motion_modules" not in name}
    given = {name: value for name, value in flat.items() if not name.startswith("stride_embedding")}
    given["conv_in.weight"] = torch.rand(32, 4, 3, 3)
    motion = {name: value.clone() for name, value in unet.state_dict().items() if "motion_modules" in name}
    begin_with(unet, given, "base")
    state = unet.state_dict()
    assert not state["conv_in.weight"][:, :4].any()
    assert torch.equal(state["conv_in.weight"][:, 4:], given["conv_in.weight"])
    assert all(torch.equal(state[name], given[name]) for name in given if name != "conv_in.weight")
    assert all(torch.equal(state[name], motion[name]) for name in motion)
    with pytest.raises(MissingError, match="base does not fit MotionFieldUNet: strange"):
        begin_with(unet, {"strange": torch.zeros(1)}, "base")


def test_a_new_controlnet_is_the_unets_way_down_and_changes_nothing():
    networks = recipe("motion_i2v_controlnet", "toy").networks("toy", 0)
    own, unet = networks["controlnet"].state_dict(), networks["unet"].state_dict()
    shared = [name for name in own if name in unet]
    assert {name.partition(".")[0] for name in shared} == {
        "conv_in",
        "time_embedding",
        "stride_embedding",
        "down_blocks",
        "mid_block",
    }
    assert all(torch.equal(own[name], unet[name]) for name in shared)
    assert not networks["controlnet"].controlnet_mid_block.weight.any()


def test_the_controlnet_is_shown_squares_of_motion_the_same_for_all_clips_and_frames():
    chosen = recipe("motion_i2v_controlnet", "toy", {"shown": 1.0})
    flow01 = torch.rand(2, 3, 2, 32, 32, generator=generator(1))
    seen = []

    class Eye:  # an autoencoder that shows what it is given
        device = torch.device("cpu")

    def latents_of(vae, pictures, draw):
        seen.append(pictures)
        return torch.zeros(2, 4, 3, 4, 4)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("v2v_studio.training.recipes.motion_i2v_controlnet.latents_of", latents_of)
        control = chosen.control(Eye(), flow01, generator(2))
    shown = control[0, 4, 0]
    assert control.shape == (2, 5, 3, 4, 4)
    assert 0 < shown.sum() < 16
    assert (control[:, 4] == shown).all()
    for y, x in np.ndindex(4, 4):
        square = (..., slice(8 * y, 8 * y + 8), slice(8 * x, 8 * x + 8))
        expected = flow01[square] if shown[y, x] else torch.full_like(flow01[square], 0.5)
        torch.testing.assert_close(seen[0][square], expected)


def test_the_flow_autoencoder_is_shown_where_rest_is_a_half():
    chosen = recipe("motion_i2v_flow_vae", "toy", {"height": 32, "width": 48, "longest": 1})
    sample = clip(0, size=(32, 48))
    pictures = chosen.batch(chosen.networks("toy", 0), [sample], generator(0))["pictures"]
    assert pictures.shape == (1, 2, 32, 48)
    assert set(np.unique(pictures[0, 1])) == {0.5}
    np.testing.assert_allclose(np.unique(pictures[0, 0]), [0.5, 0.5 + 3 / 48 / 2], rtol=1e-6)
    assert int((pictures[0, 0] > 0.5).sum()) == SIDE * SIDE


def test_stage1_is_told_how_far_each_frame_is():
    frames = np.zeros((5, 3, 32, 32), np.float32)
    flow = np.zeros((4, 2, 32, 32), np.float32)
    sample = Sample("sparse", frames, Fraction(24), np.array([0, 4, 8, 16, 24]), flow=flow)
    chosen = recipe("motion_i2v_stage1", "toy", {"phase": "full", "frames": 4, "stride": 8})
    batch = chosen.batch(chosen.networks("toy", 0), [sample, sample], generator(0))
    assert batch["stride"].tolist() == [[8, 16, 24]] * 2
    assert batch["flow"].shape == (2, 4, 3, 4, 4)
    assert batch["image"].shape == (2, 4, 1, 4, 4)


def test_the_first_frame_of_stage2_has_no_noise_and_does_not_count():
    chosen = recipe("motion_i2v_stage2", "toy", {"batch": 1})
    clean = torch.randn(1, 4, 3, 4, 4, generator=generator(0))
    shown = []

    class Still:
        def splats(self, flow, size):
            return {}

        def __call__(self, sample, times, text, splats):
            shown.append(sample)
            return torch.zeros_like(sample)

    batch = {"latents": clean, "flow": torch.zeros(1, 3, 2, 32, 32), "text": None}
    loss = chosen.loss({"unet": Still()}, batch, generator(7)).total
    assert torch.equal(shown[0][:, :, 0], clean[:, :, 0])
    assert not torch.isclose(shown[0][:, :, 1:], clean[:, :, 1:]).any()
    draw = generator(7)
    torch.randint(0, 1000, (1,), generator=draw)
    noise = torch.randn(clean.shape, generator=draw)
    torch.testing.assert_close(loss, noise[:, :, 1:].square().mean())


def test_what_a_sample_lacks_is_said():
    bare = Sample("bare", np.zeros((4, 3, 32, 32), np.float32), Fraction(24), np.arange(4))
    chosen = recipe("motion_i2v_flow_vae", "toy")
    with pytest.raises(MediaError, match="bare has no flow, which this recipe learns; prepare the clips with --flow"):
        chosen.batch(chosen.networks("toy", 0), [bare], generator(0))


def test_a_released_size_begins_with_weights_that_are_there(tmp_path, monkeypatch):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "run").mkdir()
    for name in ("motion_i2v_stage1", "motion_i2v_stage2", "motion_i2v_controlnet"):
        with pytest.raises(MissingError, match=r"no stage.*/unet is there to begin with; name the folders or models"):
            recipe(name, "released", {"start": str(tmp_path / "run")}).networks("released", 0)
        with pytest.raises(MissingError, match="fetch it with: v2v models fetch"):
            recipe(name, "released").networks("released", 0)
