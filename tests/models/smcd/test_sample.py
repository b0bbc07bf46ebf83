"""Sampling by a toy of the release; parity with the release's own results is in benchmarks.parity."""

import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from tests import toys  # noqa: E402
from tests.models.smcd.toy_release import toy_release  # noqa: E402
from v2v_studio.errors import MissingError, UsageError  # noqa: E402
from v2v_studio.models.smcd.load import load_smcd  # noqa: E402
from v2v_studio.models.smcd.release import convert_release  # noqa: E402

pytestmark = pytest.mark.slow

IMAGE = np.linspace(0, 1, 3 * 32 * 48, dtype=np.float32).reshape(3, 32, 48)
FRAMES = 3
BALL, DOG = (0.1, 0.1, 0.4, 0.5), (0.5, 0.4, 0.9, 0.8)
BOXES = np.stack([np.array([BALL, DOG], np.float32) + 0.02 * frame for frame in range(FRAMES)])
PRESENT = np.ones((FRAMES, 2), bool)
PHRASES = ("ball", "dog")
FEW = {"steps": 2, "guidance": 3.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("smcd")
    toy_release(root / "release")
    convert_release(root / "release", root / "converted")
    return root / "converted"


@pytest.fixture(scope="module")
def model(folder):
    return load_smcd(folder, "cpu")


def made(model, image=IMAGE, prompt="a boat", boxes=BOXES, present=PRESENT, phrases=PHRASES, **options):
    return model.frames(image, prompt, "", boxes, present, phrases, **{**FEW, **options})


@pytest.fixture(scope="module")
def plain(model):
    return made(model).frames


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(model, folder, plain):
    assert plain.shape == (FRAMES, 3, *IMAGE.shape[1:])
    assert plain.dtype == np.float32
    assert made(load_smcd(folder, "cpu")).frames.tobytes() == plain.tobytes()
    assert toys.differ(made(model, seed=1).frames, plain)


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "a tree"},
        {"boxes": BOXES[::-1].copy()},
        {"present": ~PRESENT},
        {"phrases": ("ball", "cat")},
        {"image": 1 - IMAGE},
        {"guidance": 9.0},
        {"guidance_mode": "all"},
        {"image_free": 2.0},
        {"text_image_free": 1.5},
        {"dropout": "released"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_everything_that_is_told_counts(model, plain, other):
    assert np.abs(made(model, **other).frames - plain).max() > 1e-4


def test_a_box_counts_only_where_its_object_is(model):
    present = PRESENT.copy()
    present[1, 1] = False
    moved = BOXES.copy()
    moved[1, 1] = 0
    expected = made(model, present=present).frames
    assert made(model, boxes=moved, present=present).frames.tobytes() == expected.tobytes()


def test_a_free_slot_is_an_object_that_is_never_there(model):
    boxes, present = np.pad(BOXES, ((0, 0), (0, 1), (0, 0))), np.pad(PRESENT, ((0, 0), (0, 1)))
    free = made(model, boxes=boxes, present=present).frames
    absent = made(model, boxes=boxes, present=present, phrases=(*PHRASES, "cat")).frames
    assert free.tobytes() == absent.tobytes()


def test_in_low_memory_it_is_the_same_but_for_rounding(model, plain):
    assert np.allclose(made(model, low_memory=True).frames, plain, atol=1e-4)


def test_guidance_of_one_asks_for_the_prompt_alone(model):
    asked = []
    hook = model.unet.register_forward_pre_hook(lambda _, inputs: asked.append(len(inputs[0])))
    made(model, guidance=1.0)
    made(model)
    hook.remove()
    assert asked == [1, 1, 2, 2]


def test_held_frames_come_out_as_they_were_given_and_the_others_join_them(model, plain):
    latents = made(model, seed=5).latents
    again = made(model, held={0: latents[0], 1: latents[2]})
    assert np.array_equal(again.latents[0], latents[0])
    assert np.array_equal(again.latents[1], latents[2])
    assert toys.differ(again.frames[2], plain[2])


def test_dropout_is_off_again_afterwards_and_drawn_from_the_seed(model, plain):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one = made(model, dropout="released").frames
    assert torch.equal(torch.get_rng_state(), before)
    assert made(model, dropout="released").frames.tobytes() == one.tobytes()
    assert made(model).frames.tobytes() == plain.tobytes()


def test_an_error_on_the_way_leaves_no_dropout_behind(model):
    def cancel(done, steps, step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(model, dropout="released", on_step=cancel)
    assert not model.unet.training


@pytest.mark.parametrize("scheduler", ["released", "ddim", "dpm++", "unipc"])
def test_every_sampler_reaches_a_video_and_tells_of_its_steps(model, scheduler):
    told = []
    frames = made(model, scheduler=scheduler, on_step=lambda *step: told.append(step)).frames
    assert np.isfinite(frames).all()
    assert [step[:2] for step in told] == [(1, 2), (2, 2)]
    assert told[0][2].clean.shape == (1, 4, FRAMES, 4, 6)


def test_the_usual_ddim_takes_the_released_steps(model, plain):
    assert np.allclose(made(model, scheduler="ddim").frames, plain, atol=1e-4)


def test_a_control_net_is_asked_once_a_step_with_the_prompt(tmp_path):
    toy_release(tmp_path / "release", with_control=True)
    convert_release(tmp_path / "release", tmp_path / "converted")
    model = load_smcd(tmp_path / "converted", "cpu")
    asked = []
    model.control_net.register_forward_pre_hook(lambda _, inputs: asked.append(inputs[1]))
    frames = made(model, low_memory=True).frames
    assert asked == [501, 1]
    assert np.allclose(made(model).frames, frames, atol=1e-4)
    assert toys.differ(made(model, image=1 - IMAGE).frames, frames)


def test_half_precision_is_for_the_networks_and_not_for_boxes_and_pictures(folder):
    model = load_smcd(folder, "cpu", "bfloat16")
    kinds = [part.dtype for part in (model.unet, model.visual_encoder, model.position_net, model.vae)]
    assert kinds == [torch.bfloat16, torch.bfloat16, torch.float32, torch.float32]
    assert np.isfinite(made(model).frames).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": IMAGE[:, :24]}, "multiples of 16, not 48x24; pad the picture"),
        ({"phrases": ()}, "a box of one object at least"),
        ({"phrases": ("ball",)}, "boxes of 2 objects but 1 phrases"),
        ({"phrases": ("ball", "dog", "cat")}, r"3 phrases want boxes \(T, 3, 4\)"),
        ({"present": PRESENT[:2]}, r"not \(3, 2, 4\) and \(2, 2\)"),
        ({"scheduler": "euler"}, "released, ddim"),
    ],
)
def test_what_does_not_fit_is_said(model, change, message):
    with pytest.raises(UsageError, match=message):
        made(model, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("out.2.bias"), r"unet .*out\.2\.bias"),
        (lambda state: state.update(surplus=torch.zeros(1)), "unet .*surplus"),
        (lambda state: state.update({"out.2.bias": torch.zeros(5)}), r"unet .*out\.2\.bias"),
    ],
    ids=["missing", "too many", "of another shape"],
)
def test_a_converted_folder_whose_weights_do_not_fit_is_refused(folder, tmp_path, change, message):
    shutil.copytree(folder, tmp_path / "spoilt")
    file = tmp_path / "spoilt" / "unet" / "diffusion_pytorch_model.safetensors"
    state = load_file(file)
    change(state)
    save_file(state, file)
    with pytest.raises(MissingError, match=message):
        load_smcd(tmp_path / "spoilt", "cpu")


def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path):
    with pytest.raises(MissingError, match=r"unet; .* v2v models convert smcd FOLDER"):
        load_smcd(tmp_path, "cpu")
