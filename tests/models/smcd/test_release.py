"""A toy of the released files, whole and with one thing wrong at a time."""

import os
import shutil

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from tests import toys  # noqa: E402
from tests.models.smcd.toy_release import ARCH, CHECKPOINTS, CONFIG, OPENCLIP, toy_release  # noqa: E402
from v2v_studio.errors import MissingError, UsageError  # noqa: E402
from v2v_studio.models.smcd.load import load_smcd  # noqa: E402
from v2v_studio.models.smcd.release import convert_release  # noqa: E402

pytestmark = pytest.mark.slow

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The release's folder, and the weights it was made of."""
    folder = tmp_path_factory.mktemp("release")
    return folder, toy_release(folder)


@pytest.fixture
def release(whole, tmp_path):
    """A copy of the release to spoil, by links: a file is deleted before it is written anew."""
    return shutil.copytree(whole[0], tmp_path / "release", copy_function=os.link)


@pytest.fixture(scope="module")
def converted(whole, tmp_path_factory):
    target = tmp_path_factory.mktemp("converted") / "smcd"
    return target, convert_release(whole[0], target)


@pytest.fixture(autouse=True)
def no_other_models(tmp_path, monkeypatch):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HOME", str(tmp_path))


def rewrite(file, change):
    """Change the weights of a file where they are, inside their wrapper if they have one."""
    held = torch.load(file, weights_only=True)
    change(held.get("state_dict", held))
    file.unlink()
    torch.save(held, file)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_every_weight_arrives_as_it_was(whole, converted, name):
    written, expected = load_file(converted[0] / name / WEIGHTS), whole[1][name]
    assert written.keys() == expected.keys()
    assert all(torch.equal(written[key], expected[key]) for key in expected)


def test_each_part_is_reported(converted):
    parts = [saved.name for saved in converted[1]]
    assert parts == ["unet", "position_net", "visual_encoder", "vae", "text_encoder", "tokenizer"]
    assert sorted(path.name for path in converted[0].iterdir()) == sorted(parts)


def test_the_kind_of_network_is_told_from_its_weights(converted):
    config = load_smcd(converted[0], "cpu").unet.config
    told = [config[name] for name in ("gate", "in_channels", "box_dim", "image_dim", "with_control")]
    assert told == ["vanilla_cross_vision", 8, ARCH["grounding_dim"], ARCH["v_dim"], False]


def test_the_control_net_ablation_converts_and_loads(tmp_path):
    toy_release(tmp_path / "release", with_control=True)
    convert_release(tmp_path / "release", tmp_path / "converted")
    model = load_smcd(tmp_path / "converted", "cpu")
    assert model.control_net is not None
    assert model.visual_encoder is None
    assert model.unet.config["with_control"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (CHECKPOINTS["unet"], "input_blocks.1.0.temopral_conv.conv1.0.weight"),
        (CHECKPOINTS["unet"], "input_blocks.0.0.weight"),
        (CHECKPOINTS["position_net"], "null_positive_feature"),
        (CHECKPOINTS["position_net"], "linears.2.bias"),
        (CHECKPOINTS["visual_encoder"], "body.2.block1.bias"),
        (CHECKPOINTS["vae"], "first_stage_model.decoder.conv_in.bias"),
        (OPENCLIP, "transformer.resblocks.1.attn.in_proj_bias"),
        (OPENCLIP, "ln_final.weight"),
    ],
)
def test_a_weight_that_is_missing_is_named(release, tmp_path, file, name):
    rewrite(release / file, lambda state: state.pop(name))
    with pytest.raises(MissingError) as caught:
        convert_release(release, tmp_path / "converted")
    assert file in str(caught.value)
    ours = {"in_proj_bias": "q_proj.bias", "ln_final": "final_layer_norm"}
    wanted = next((own for part, own in ours.items() if part in name), name.removeprefix("first_stage_model."))
    assert wanted in str(caught.value)
    assert not (tmp_path / "converted").exists()


@pytest.mark.parametrize("file", [*CHECKPOINTS.values(), OPENCLIP])
def test_a_weight_too_many_is_named(release, tmp_path, file):
    own = "first_stage_model.surplus" if file == CHECKPOINTS["vae"] else "surplus"
    rewrite(release / file, lambda state: state.update({own: torch.zeros(1)}))
    with pytest.raises(MissingError, match=rf"{file}.* 1 unexpected: {own}"):
        convert_release(release, tmp_path / "converted")


def test_a_weight_of_another_shape_is_named_with_both(release, tmp_path):
    name = "middle_block.1.transformer_blocks.0.gate_attn.norm1.bias"
    rewrite(release / CHECKPOINTS["unet"], lambda state: state.update({name: torch.zeros(7)}))
    with pytest.raises(MissingError, match=rf"1 of a wrong shape: {name} \(7,\) instead of \(64,\)"):
        convert_release(release, tmp_path / "converted")


@pytest.mark.parametrize("file", CHECKPOINTS.values())
def test_code_in_a_checkpoint_is_not_run(release, tmp_path, file):
    (release / file).unlink()
    torch.save({"a": print}, release / file)
    with pytest.raises(MissingError, match=rf"{file} was not converted: .*nothing in it was run"):
        convert_release(release, tmp_path / "converted")


@pytest.mark.parametrize("file", ["pytorch_model.bin", "pytorch_model_1.bin", "pytorch_model_2.bin"])
def test_a_file_that_is_not_there_is_named(release, tmp_path, file):
    (release / file).unlink()
    with pytest.raises(MissingError, match=rf"there is no .*{file}, which the release has; .* fetch smcd"):
        convert_release(release, tmp_path / "converted")


@pytest.mark.parametrize(("file", "what"), [(CHECKPOINTS["vae"], "autoencoder"), (OPENCLIP, "text encoder")])
def test_without_the_base_it_is_asked_for(release, tmp_path, file, what):
    (release / file).unlink()
    with pytest.raises(MissingError, match=f"the {what} of the text-to-video model .* fetch modelscope-t2v"):
        convert_release(release, tmp_path / "converted")


def test_a_base_as_diffusers_has_it_is_found_where_models_lie(whole, release, tmp_path):
    parts = toys._parts()
    base = tmp_path / "models" / "modelscope-t2v"
    for part in ("text_encoder", "tokenizer", "vae"):
        parts[part].save_pretrained(base / part)
    for pattern in ("unet/config.json", "unet/diffusion_pytorch_model.safetensors", "model_index.json", "scheduler/a"):
        (base / pattern).parent.mkdir(exist_ok=True)
        (base / pattern).write_text("{}")
    for name in (CHECKPOINTS["vae"], OPENCLIP):
        (release / name).unlink()
    shutil.rmtree(release / "tokenizer")
    convert_release(release, tmp_path / "converted")
    own = parts["vae"].state_dict()
    written = load_file(tmp_path / "converted" / "vae" / WEIGHTS)
    assert all(torch.equal(written[key], own[key]) for key in own)


def test_without_its_configuration_the_released_sizes_are_expected(release, tmp_path):
    (release / CONFIG).unlink()
    with pytest.raises(MissingError, match="does not fit UNet"):
        convert_release(release, tmp_path / "converted")


def test_what_exists_is_not_written_over(release, tmp_path):
    with pytest.raises(UsageError, match="exists already"):
        convert_release(release, release)
