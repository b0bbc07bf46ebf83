"""A toy of the released folder, whole and with one thing wrong at a time."""

import os
import re
import shutil

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from tests.models.motion_i2v.toy_release import CHECKPOINTS, FLOW, LOOK, toy_release  # noqa: E402
from v2v_studio.errors import MissingError, UsageError  # noqa: E402
from v2v_studio.models.motion_i2v.release import convert_release  # noqa: E402
from v2v_studio.models.motion_i2v.stage2 import VideoUNet  # noqa: E402
from v2v_studio.models.vae import autoencoder  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The release's folder, and the weights it was made of."""
    folder = tmp_path_factory.mktemp("release")
    return folder, toy_release(folder / "models")


@pytest.fixture
def release(whole, tmp_path):
    """A copy of the release to spoil, by links: a file is deleted before it is written anew."""
    return shutil.copytree(whole[0], tmp_path / "release", copy_function=os.link)


@pytest.fixture(scope="module")
def converted(whole, tmp_path_factory):
    target = tmp_path_factory.mktemp("converted") / "motion-i2v"
    return target, convert_release(whole[0], target)


def rewrite(file, change):
    """Change the weights of a file where they are, inside their wrapper if they have one."""
    if file.suffix == ".safetensors":
        held = load_file(file)
        change(held)
        file.unlink()
        save_file(held, file)
        return
    held = torch.load(file, weights_only=True)
    change(held.get("state_dict", held))
    file.unlink()
    torch.save(held, file)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_every_weight_arrives_as_it_was(whole, converted, name):
    written = load_file(converted[0] / name / "diffusion_pytorch_model.safetensors")
    expected = whole[1][name]
    assert written.keys() == expected.keys()
    assert all(torch.equal(written[key], expected[key]) for key in expected)


def test_half_precision_becomes_full(converted):
    written = load_file(converted[0] / "stage2/unet/diffusion_pytorch_model.safetensors")
    assert {tensor.dtype for tensor in written.values()} == {torch.float32}


def test_what_was_written_opens_by_itself(converted):
    assert VideoUNet.from_pretrained(converted[0] / "stage2/unet").config["heads"] == 4
    flow = autoencoder(2).from_pretrained(converted[0] / "stage1/vae_flow")
    assert flow.config["in_channels"] == 2


def test_each_part_is_reported(converted):
    parts = [saved.name for saved in converted[1]]
    assert parts == [*CHECKPOINTS, "text_encoder", "tokenizer"]
    assert sorted(path.name for path in converted[0].iterdir()) == ["stage1", "stage2", "text_encoder", "tokenizer"]


@pytest.mark.slow
@pytest.mark.parametrize("file", [*CHECKPOINTS.values(), LOOK])
def test_everything_wrong_with_a_file_is_named_at_once(release, tmp_path, file):
    surplus = "first_stage_model.surplus" if "Novae" in file else "surplus"

    def spoil(held):
        missing, misshapen = [name for name in held if re.search(r"down(_blocks)?\.0\..*norm", name)][:2]
        del held[missing]
        held |= {misshapen: torch.ones(3, 5), surplus: torch.ones(3)}

    rewrite(release / "models" / file, spoil)
    with pytest.raises(MissingError) as refused:
        convert_release(release, tmp_path / "out")
    name = r"(controlnet\.|encoder\.)?down_blocks\.0\.\S*norm\S*"
    assert re.search(
        rf"1 missing: {name}; 1 unexpected: {surplus}; 1 of a wrong shape: {name} \(3, 5\) instead of \(\d+,\)\.",
        str(refused.value),
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda held: held.pop("mid_block.attentions.0.norm.weight"), "1 missing: mid_block.attentions.0.norm.weight."),
        (lambda held: held.update(more=torch.ones(1)), "1 unexpected: more."),
        (lambda held: held.update({"conv_out.bias": torch.ones(5)}), "1 of a wrong shape: conv_out.bias (5,) instead"),
    ],
    ids=["one missing", "one too many", "one of a wrong shape"],
)
def test_one_fault_alone_is_refused(release, tmp_path, change, named):
    rewrite(release / "models" / LOOK, change)
    with pytest.raises(MissingError, match=re.escape(named)):
        convert_release(release, tmp_path / "out")


def test_a_missing_file_is_named_with_what_to_do(release, tmp_path):
    (release / "models" / CHECKPOINTS["stage1/controlnet"]).unlink()
    with pytest.raises(MissingError, match=r"controlnet\.bin, which the release has.*v2v models fetch motion-i2v"):
        convert_release(release, tmp_path / "out")


def test_nothing_is_left_of_a_conversion_that_failed(release, tmp_path):
    (release / "models" / LOOK).unlink()
    (release / "models" / CHECKPOINTS["stage2/unet"]).unlink()
    with pytest.raises(MissingError):
        convert_release(release, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_target_that_exists_is_refused(release, tmp_path):
    with pytest.raises(UsageError, match="exists already"):
        convert_release(release, tmp_path)


def test_a_controlnet_without_its_prefix_is_known_by_its_embedding(release, tmp_path, whole):
    file = release / "models" / CHECKPOINTS["stage1/controlnet"]
    file.unlink()
    torch.save(whole[1]["stage1/controlnet"], file)
    assert convert_release(release, tmp_path / "out")[1].tensors == len(whole[1]["stage1/controlnet"])


def test_a_controlnet_inside_the_unets_file_counts(release, tmp_path, whole):
    own, control = release / "models" / CHECKPOINTS["stage1/unet"], whole[1]["stage1/controlnet"]
    rewrite(own, lambda held: held.update({f"module.controlnet.{name}": tensor for name, tensor in control.items()}))
    rewrite(release / "models" / CHECKPOINTS["stage1/controlnet"], lambda held: held.pop(next(iter(held))))
    assert [saved.tensors for saved in convert_release(release, tmp_path / "out")[:2]] == [808, 344]


def test_the_networks_sizes_are_the_released_ones_where_a_config_is_silent(release, tmp_path):
    config = release / "models" / FLOW / "unet" / "config.json"
    config.unlink()
    config.write_text("{}")
    with pytest.raises(MissingError, match=r"conv_in\.weight \(32, 8, 3, 3\) instead of \(320, 8, 3, 3\)"):
        convert_release(release, tmp_path / "out")
