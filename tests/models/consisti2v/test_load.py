"""The model from the published folder, whole and with one thing wrong at a time."""

import json
import os
import re
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from tests.models.consisti2v.toy_release import WEIGHTS, toy_release  # noqa: E402
from v2v_studio.errors import MissingError, UsageError  # noqa: E402
from v2v_studio.models.consisti2v.load import load_consisti2v, load_unet, load_vae  # noqa: E402
from v2v_studio.models.consisti2v.params import ConsistI2VParams, released  # noqa: E402

pytestmark = pytest.mark.slow

IMAGE = np.linspace(0, 1, 3 * 64 * 64, dtype=np.float32).reshape(3, 64, 64)
FEW = {"frames": 3, "steps": 1, "guidance_text": 3.0}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The release's folder, and the weights it was made of."""
    folder = tmp_path_factory.mktemp("consisti2v")
    return folder, toy_release(folder)


@pytest.fixture
def release(whole, tmp_path):
    """A copy of the release to spoil, by links: a file is deleted before it is written anew."""
    return shutil.copytree(whole[0], tmp_path / "release", copy_function=os.link)


def rewrite(file, change):
    held = load_file(file)
    change(held)
    file.unlink()
    save_file(held, file, {"format": "pt"})


@pytest.mark.parametrize(("part", "load"), [("unet", load_unet), ("vae", load_vae)])
def test_every_weight_arrives_as_it_was(whole, part, load):
    loaded, expected = load(whole[0] / part).state_dict(), whole[1][part]
    assert loaded.keys() == expected.keys()
    assert all(torch.equal(loaded[name], expected[name]) for name in expected)


def test_the_same_folder_makes_the_same_frames(whole):
    made = [load_consisti2v(whole[0], "cpu").frames(IMAGE, "a boat", "", **FEW) for _ in range(2)]
    assert made[0].frames.tobytes() == made[1].frames.tobytes()
    assert made[0].frames.shape == (3, 3, 64, 64)


def test_weights_in_half_precision_become_full(release, whole):
    rewrite(release / "unet" / WEIGHTS, lambda held: held.update({name: held[name].half() for name in held}))
    loaded = load_unet(release / "unet").state_dict()
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    assert all(torch.equal(loaded[name], tensor.half().float()) for name, tensor in whole[1]["unet"].items())


def test_half_precision_is_for_the_unet_alone_and_not_for_its_angles(whole):
    model = load_consisti2v(whole[0], "cpu", "bfloat16")
    assert (model.unet.dtype, model.vae.dtype) == (torch.bfloat16, torch.float32)
    freqs = [weight for name, weight in model.unet.state_dict().items() if name.endswith("freqs")]
    assert {weight.dtype for weight in freqs} == {torch.float32}
    assert np.isfinite(model.frames(IMAGE, "a boat", "", **FEW).frames).all()


@pytest.mark.parametrize("part", ["unet", "vae"])
def test_everything_wrong_with_a_file_is_named_at_once(release, part):
    def spoil(held):
        missing, misshapen = [name for name in held if "norm1" in name][:2]
        del held[missing]
        held |= {misshapen: torch.ones(3, 5), "surplus": torch.ones(3)}

    rewrite(release / part / WEIGHTS, spoil)
    with pytest.raises(MissingError) as refused:
        load_consisti2v(release, "cpu")
    assert re.search(
        r"1 missing: \S+norm1\S+; 1 unexpected: surplus; 1 of a wrong shape: \S+ \(3, 5\) instead of \(\d+,\)\.",
        str(refused.value),
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda held: held.pop("down_blocks.0.conv3ds.0.time_emb_proj.bias"),
            "1 missing: down_blocks.0.conv3ds.0.time",
        ),
        (lambda held: held.update(more=torch.ones(1)), "1 unexpected: more."),
        (lambda held: held.update({"conv_out.bias": torch.ones(5)}), "1 of a wrong shape: conv_out.bias (5,) instead"),
    ],
    ids=["one missing, though nothing uses it", "one too many", "one of a wrong shape"],
)
def test_one_fault_alone_is_refused(release, change, named):
    rewrite(release / "unet" / WEIGHTS, change)
    with pytest.raises(MissingError, match=re.escape(named)):
        load_consisti2v(release, "cpu")


def test_a_text_encoder_that_does_not_fit_is_refused_by_name(release):
    def spoil(held):
        first, second = [name for name in held if "fc1.bias" in name]
        del held[first]
        held |= {second: torch.ones(3), "text_model.surplus": torch.ones(2)}

    rewrite(release / "text_encoder" / "model.safetensors", spoil)
    with pytest.raises(
        MissingError, match=r"1 missing: .*0\.mlp\.fc1\.bias; 1 unexpected: surplus; 1 of a wrong shape"
    ):
        load_consisti2v(release, "cpu")


def test_what_the_config_says_of_conditioning_is_overruled_as_by_the_released_tools(release):
    config = release / "unet" / "config.json"
    told = json.loads(config.read_text()) | {"first_frame_condition_mode": "none", "augment_temporal_attention": False}
    config.unlink()
    config.write_text(json.dumps(told))
    unet = load_unet(release / "unet")
    assert unet.config["first_frame_keys"] and unet.config["window"]


def test_a_network_of_another_kind_is_refused(release):
    config = release / "unet" / "config.json"
    told = json.loads(config.read_text()) | {"use_linear_projection": False}
    config.unlink()
    config.write_text(json.dumps(told))
    with pytest.raises(UsageError, match="use_linear_projection = False was never released"):
        load_unet(release / "unet")


def test_pickled_weights_are_to_be_converted_first(release):
    (release / "unet" / WEIGHTS).unlink()
    (release / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"PK")
    with pytest.raises(MissingError, match=r"v2v models convert \S+diffusion_pytorch_model\.bin"):
        load_consisti2v(release, "cpu")


@pytest.mark.parametrize("missing", ["unet/config.json", f"vae/{WEIGHTS}", "tokenizer", "text_encoder"])
def test_a_missing_part_is_named_with_what_to_do(release, missing):
    path = release / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(MissingError, match=rf"{re.escape(missing)}.*v2v models fetch consisti2v"):
        load_consisti2v(release, "cpu")


def test_options_know_which_weights_they_stand_for(whole, release):
    options = ConsistI2VParams.model_validate({"model": str(whole[0])})
    assert options == ConsistI2VParams.model_validate({"model": str(whole[0]), "weights": options.weights})
    rewrite(release / "unet" / WEIGHTS, lambda held: held.update({"conv_out.bias": torch.ones(4)}))
    with pytest.raises(MissingError, match="are others"):
        ConsistI2VParams.model_validate({"model": str(release), "weights": options.weights})


def test_a_folder_of_another_model_is_no_release(tmp_path):
    (tmp_path / "vae").mkdir()
    with pytest.raises(MissingError, match=r"no unet/config\.json, .*v2v models fetch consisti2v"):
        released(str(tmp_path))
