"""SMCD's two stages: what their losses are of, what of it is trained, and the released code's own loss and gradients."""

from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.golden import Golden  # noqa: E402
from benchmarks.parity_smcd import unet  # noqa: E402
from tests.models.smcd.toy_release import stir  # noqa: E402
from v2v_studio.errors import MediaError, MissingError  # noqa: E402
from v2v_studio.media.frames import resize  # noqa: E402
from v2v_studio.media.probe import probe  # noqa: E402
from v2v_studio.media.reader import open_reader  # noqa: E402
from v2v_studio.models.smcd.load import load_smcd  # noqa: E402
from v2v_studio.models.smcd.schedule import alphas_cumprod  # noqa: E402
from v2v_studio.training import smcd  # noqa: E402
from v2v_studio.training.draw import generator, integers, normal  # noqa: E402
from v2v_studio.training.loop import Run, train  # noqa: E402
from v2v_studio.training.recipe import recipe  # noqa: E402
from v2v_studio.training.sample import Cycle, Sample  # noqa: E402
from v2v_studio.training.smcd import noise_loss  # noqa: E402
from v2v_studio.types import BoxSequence  # noqa: E402

pytestmark = pytest.mark.slow

STAGES = {"smcd_motion": "stage1", "smcd_image": "stage2"}
every_stage = pytest.mark.parametrize("name", STAGES)


def test_loss_and_gradients_are_the_releases(shared):
    golden = Golden(shared / "golden" / "smcd" / "unet_smcd.safetensors")
    net = unet(golden, {})
    told = (golden[f"in.{name}"] for name in ("x", "t", "target_noise", "y", "grounding_context", "visual_feat"))
    loss = noise_loss(net, *told)
    assert float(loss.detach()) == pytest.approx(float(golden["out.loss"]), rel=1e-5)
    loss.backward()
    selected = [name for name in golden.names if name.startswith("out.grad.")]
    assert selected
    for name in selected:
        theirs = golden[name]
        ours = net.get_parameter(name.removeprefix("out.grad.")).grad
        torch.testing.assert_close(ours, theirs, atol=1e-4 * float(theirs.abs().max()), rtol=0)


@every_stage
def test_what_is_trained_of_the_unet_is_the_releases_list(shared, name):
    golden = Golden(shared / "golden" / "smcd" / "unet_smcd.safetensors")
    extra = {"smcd_motion": "position_net", "smcd_image": "visual_encoder"}[name]
    networks = torch.nn.ModuleDict(
        {"unet": unet(golden, {}), extra: torch.nn.Linear(2, 2), "vae": torch.nn.Linear(2, 2)}
    )
    own = recipe(name, "toy").trainable(networks)
    theirs = [f"unet.{weight}" for weight in golden.config["trainable_names"][STAGES[name]]]
    assert sorted(own) == sorted([*theirs, f"{extra}.weight", f"{extra}.bias"])


@pytest.fixture(scope="module")
def networks():
    """Of both stages, at toy width, their gates open."""
    made = {}
    for name in STAGES:
        made[name] = recipe(name, "toy").networks("toy", 0).eval()
        stir(made[name])
    return made


@pytest.fixture(scope="module")
def batches(networks, clips):
    with torch.no_grad():
        return {name: recipe(name, "toy").batch(networks[name], clips[:2], generator(0)) for name in STAGES}


@every_stage
def test_where_the_whole_network_is_trained_it_is_all_that_is_passed_through(networks, batches, name):
    """What is trained as published, the contract of all recipes holds."""
    own, net = recipe(name, "toy", {"whole": True}), networks[name]
    net.requires_grad_(False).zero_grad()
    names = own.trainable(net)
    for trained in names:
        net.get_parameter(trained).requires_grad_(True)
    own.loss(net, batches[name], generator(1)).total.backward()
    reached = {trained for trained, weight in net.named_parameters() if weight.grad is not None and weight.grad.any()}
    assert reached == set(names)
    temporal = [weight for weight in names if "temopral_conv" in weight or weight.startswith("unet.input_blocks.0.1.")]
    assert bool(temporal) == (name == "smcd_image")


class Listening(torch.nn.Module):
    """Predicts nought, and remembers what it was given."""

    def kept(self, text, boxes, image=None):
        return {"text": text, "boxes": boxes, "image": image}

    def forward(self, sample, times, kept):
        self.told = {"sample": sample, "times": times, **kept}
        return torch.zeros_like(sample[:, :4])


@torch.no_grad()
def heard(networks, batches, name, seed, **options):
    """What the network is told, and the loss, of a batch of one draw."""
    listening = Listening()
    net = torch.nn.ModuleDict({**networks[name], "unet": listening})
    return listening, recipe(name, "toy", options).loss(net, batches[name], generator(seed)).total


@every_stage
def test_noise_is_put_on_as_its_schedule_says_and_all_of_it_is_the_error(networks, batches, name):
    clean, draw = batches[name]["latents"], generator(3)
    times = integers(draw, 0, 1000, len(clean))
    noise = normal(draw, *clean.shape)
    kept = alphas_cumprod()[times].float().view(-1, 1, 1, 1, 1)
    unet, loss = heard(networks, batches, name, 3)
    assert unet.told["times"].tolist() == times.tolist()
    torch.testing.assert_close(unet.told["sample"][:, :4], kept.sqrt() * clean + (1 - kept).sqrt() * noise)
    assert float(loss) == pytest.approx(float((noise**2).mean()))


def test_a_picture_is_shown_no_first_frame_and_a_video_its_own_beside_every_frame(networks, batches):
    unet, _ = heard(networks, batches, "smcd_motion", 0)
    assert unet.told["sample"].shape[1:3] == (4, 1) and unet.told["image"] is None
    unet, _ = heard(networks, batches, "smcd_image", 0, image_drop=0, token_drop=0)
    first = batches["smcd_image"]["latents"][:, :, :1]
    assert torch.equal(unet.told["sample"][:, 4:], first.expand(-1, -1, 3, -1, -1))


def test_latent_and_tokens_of_the_first_frame_are_left_out_each_by_itself(networks, batches):
    def told(**options):
        return heard(networks, batches, "smcd_image", 0, **options)[0].told

    whole = told(image_drop=0, token_drop=0)
    no_latent, no_tokens = told(image_drop=1, token_drop=0), told(image_drop=0, token_drop=1)
    assert not no_latent["sample"][:, 4:].any() and torch.equal(no_latent["image"], whole["image"])
    assert torch.equal(no_tokens["sample"], whole["sample"])
    assert torch.equal(no_tokens["image"][0], no_tokens["image"][1])  # of nothing, whatever the clip is
    assert no_tokens["image"].any() and not torch.equal(no_tokens["image"], whole["image"])


@every_stage
def test_boxes_that_are_left_out_are_tokens_of_nothing_in_every_slot(networks, batches, name):
    boxes = heard(networks, batches, name, 0, box_drop=1)[0].told["boxes"]
    assert torch.equal(boxes, boxes[:1, :1].expand(boxes.shape))
    told = heard(networks, batches, name, 0, box_drop=0)[0].told["boxes"]
    assert torch.equal(told[:, 1:], boxes[:, 1:]) and not torch.equal(told[:, 0], boxes[:, 0])  # one object, free slots


@pytest.mark.parametrize(("option", "often"), [("box_drop", 0.1), ("image_drop", 0.25), ("token_drop", 0.1)])
def test_a_batch_goes_without_as_often_as_the_paper_says(option, often):
    assert getattr(recipe("smcd_image").params, option) == often


def test_a_caption_is_left_out_at_both_stages_though_the_release_never_does_at_the_second(networks, clips, monkeypatch):
    """Half of them at the first, a tenth at the second."""
    monkeypatch.setattr(smcd, "latents", lambda vae, clips, draw: torch.zeros(1))
    for name, often in (("smcd_motion", 0.5), ("smcd_image", 0.1)):
        read = []
        net = torch.nn.ModuleDict({**networks[name], "texts": Reading(read)})
        own = recipe(name, "toy", {"text_drop": often})
        assert recipe(name).params.text_drop == often
        with torch.no_grad():
            own.batch(net, clips * 25, generator(0))
        assert read.count("") / 100 == pytest.approx(often, abs=0.15)  # a deviation of 0.05 at the most
        assert set(read) == {"", *(clip.caption for clip in clips)}


class Reading(torch.nn.Module):
    """Texts of nothing; the captions it is given go into a list."""

    def __init__(self, read):
        super().__init__()
        self.read = read

    def forward(self, texts):
        self.read += texts
        return torch.zeros(len(texts), 3, 32)

    def ends(self, texts):
        return torch.zeros(len(texts), 32)


def test_the_second_stage_begins_with_what_the_first_has_trained(networks, tmp_path):
    """Its pictures are then the first stage's, whatever the first frame is, since all that it adds begins at nought."""
    first = networks["smcd_motion"]
    recipe("smcd_motion", "toy").export(first, tmp_path)
    second = recipe("smcd_image", "toy", {"start": str(tmp_path)}).networks("toy", 1)
    for name, weight in first["position_net"].state_dict().items():
        assert torch.equal(second["position_net"].state_dict()[name], weight)
    given, begun = first["unet"].state_dict(), second["unet"].state_dict()
    assert torch.equal(begun["input_blocks.0.0.weight"][:, :4], given["input_blocks.0.0.weight"])
    assert not begun["input_blocks.0.0.weight"][:, 4:].any()
    assert all(torch.equal(begun[name], weight) for name, weight in given.items() if name != "input_blocks.0.0.weight")
    assert not [name for name in begun.keys() - given.keys() if ".cross_alpha_" in name and begun[name].any()]


def test_a_phrase_is_read_by_the_encoder_that_reads_captions(networks, batches):
    """The release's loader has phrases of another encoder, of 768 channels, at which its position net stops."""
    for name, batch in batches.items():
        texts = networks[name]["texts"]
        assert torch.equal(batch["phrases"][:, 0], texts.ends(["a square"] * 2))
        assert not batch["phrases"][:, 1:].any()
        states = texts(["a square", "a"])
        assert torch.equal(
            texts.ends(["a square", "a"]), states[[0, 1], [8, 2]]
        )  # behind the letters and what begins them


def test_the_second_stages_run_is_rendered_with(networks, tmp_path):
    recipe("smcd_image", "toy").export(networks["smcd_image"], tmp_path)
    picture = np.full((3, 32, 32), 0.5, np.float32)
    boxes, present = np.array([[[0.1, 0.1, 0.5, 0.5]]] * 2, np.float32), np.ones((2, 1), bool)
    made = load_smcd(tmp_path, "cpu").frames(picture, "a square", "", boxes, present, ["a square"], steps=1, guidance=1)
    assert made.frames.shape == (2, 3, 32, 32)


def test_at_released_sizes_what_is_not_there_is_named_with_what_to_do(tmp_path):
    with pytest.raises(MissingError, match="modelscope-t2v"):
        recipe("smcd_motion", "released").networks("released", 0)
    with pytest.raises(MissingError, match="the position net that the first stage trains is not there"):
        recipe("smcd_image", "released", {"start": str(tmp_path)}).networks("released", 0)


@pytest.fixture(scope="module")
def footage(shared):
    """The beginnings of two clips, with a box in the middle of every frame."""
    folder = shared / "training-clips"
    if not folder.is_dir():
        pytest.skip("no shared/training-clips with real footage beside the checkout")
    box = BoxSequence(np.full((4, 1, 4), (16, 10, 48, 30), np.float32), np.ones((4, 1), bool), ("a thing",), (40, 64))
    samples = []
    for path in (folder / "bird.mp4", folder / "brother.mp4"):
        frames = np.stack([resize(frame, (64, 40)) for frame in islice(open_reader(path, probe(path)).frames(), 4)])
        samples.append(Sample(path.stem, frames, Fraction(24), np.arange(4), "", boxes=box))
    return samples


@every_stage
def test_it_trains_on_real_clips(footage, tmp_path, name):
    run = Run(name, recipe(name, "toy", {"batch": 2}), "toy", tmp_path, 2, device="cpu")
    last = train(run, lambda process, processes: Cycle(footage, 0, process, processes))
    assert 0 < last["loss"] < 10


@every_stage
def test_a_clip_without_boxes_is_refused(networks, clips, name):
    with pytest.raises(MediaError, match="clip 0 has no boxes"):
        recipe(name, "toy").batch(networks[name], [replace(clips[0], boxes=None)], generator(0))
