"""Stages from a converted folder, and the prompts they read."""

import logging
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.models.motion_i2v.toy_release import toy_release  # noqa: E402
from v2v_studio.errors import MissingError, UsageError  # noqa: E402
from v2v_studio.models.motion_i2v.load import load_stage1, load_stage2  # noqa: E402
from v2v_studio.models.motion_i2v.release import convert_release  # noqa: E402
from v2v_studio.models.opened import chosen  # noqa: E402
from v2v_studio.models.text import Texts  # noqa: E402

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
IMAGE = np.linspace(0, 1, 3 * 64 * 64, dtype=np.float32).reshape(3, 64, 64)
FLOWS = np.zeros((3, 2, 64, 64), np.float32)
FEW = {"steps": 1, "guidance": 3.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("motion-i2v")
    toy_release(root / "release")
    convert_release(root / "release", root / "converted")
    return root / "converted"


def test_stages_of_a_folder_are_the_same_every_time(folder):
    made = [load_stage1(folder, "cpu").flows(IMAGE, "a boat", "", (8, 16), **FEW) for _ in range(2)]
    assert made[0].tobytes() == made[1].tobytes()
    painted = [load_stage2(folder, "cpu").frames(IMAGE, FLOWS, "a boat", "", **FEW).frames for _ in range(2)]
    assert painted[0].tobytes() == painted[1].tobytes()


def test_the_controlnet_is_loaded_when_asked_for(folder):
    assert load_stage1(folder, "cpu").control_net is None
    assert load_stage1(folder, "cpu", control=True).control_net is not None


def test_half_precision_is_for_the_networks_alone(folder):
    stage = load_stage1(folder, "cpu", "bfloat16", control=True)
    kinds = [part.dtype for part in (stage.unet, stage.control_net, stage.vae, stage.vae_flow)]
    assert kinds == [torch.bfloat16, torch.bfloat16, torch.float32, torch.float32]
    assert np.isfinite(stage.flows(IMAGE, "a boat", "", (8, 16), **FEW)).all()
    frames = load_stage2(folder, "cpu", "bfloat16").frames(IMAGE, FLOWS, "a boat", "", **FEW).frames
    assert np.isfinite(frames).all()


def test_another_base_paints_in_its_own_way(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    own = load_file(folder / "stage2/unet/diffusion_pytorch_model.safetensors")
    flat = {name: tensor / 2 for name, tensor in own.items() if ".motion_modules." not in name}
    save_file(flat, tmp_path / "base.safetensors")
    stage = load_stage2(folder, "cpu", base=tmp_path / "base.safetensors")
    weights = stage.unet.state_dict()
    assert torch.equal(weights["conv_in.weight"], own["conv_in.weight"] / 2)
    name = next(name for name in own if ".motion_modules." in name and name.endswith("to_q.weight"))
    assert torch.equal(weights[name], own[name])


def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path):
    with pytest.raises(MissingError, match=r"stage2/unet; .* v2v models convert motion-i2v FOLDER"):
        load_stage2(tmp_path, "cpu")


def test_a_damaged_file_is_named(folder, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "stage2/unet/diffusion_pytorch_model.safetensors").write_bytes(b"no weights")
    with pytest.raises(MissingError, match=r"stage2/unet cannot be loaded .* convert the release again"):
        load_stage2(broken, "cpu")


@pytest.mark.parametrize(
    ("device", "dtype", "expected"),
    [("cpu", "auto", torch.float32), ("cpu", "bfloat16", torch.bfloat16), ("cpu", "float32", torch.float32)],
)
def test_numbers_to_work_in(device, dtype, expected):
    assert chosen(device, dtype) == (CPU, expected)


def test_float16_on_a_cpu_is_refused():
    with pytest.raises(UsageError, match="use dtype bfloat16 or float32"):
        chosen("cpu", "float16")


def test_a_device_that_is_not_here_is_refused():
    with pytest.raises(UsageError, match="device 'cuda:77' is not here"):
        chosen("cuda:77", "auto")


def test_a_text_is_read_padded_and_without_weights(folder):
    texts = Texts(folder, CPU)
    assert texts("(blur:1.4)").shape == (1, 77, 32)
    assert not torch.equal(texts("(blur:1.4)"), texts("blur"))


def test_a_text_is_read_once(folder, tmp_path):
    texts = Texts(shutil.copytree(folder / "tokenizer", tmp_path / "tokenizer").parent, CPU)
    shutil.copytree(folder / "text_encoder", tmp_path / "text_encoder")
    read = texts("a boat")
    shutil.rmtree(tmp_path / "text_encoder")
    assert texts("a boat") is read


def test_what_is_not_read_of_a_long_text_is_said(folder, caplog):
    with caplog.at_level(logging.WARNING):
        assert Texts(folder, CPU)("boat " * 40).shape == (1, 77, 32)
    assert "the model reads the first 77" in caplog.text
