"""Models found and judged before anything is loaded."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from v2v_studio.errors import MissingError
from v2v_studio.translators.base import TRANSLATORS
from v2v_studio.translators.controlnet import ControlNetParams
from v2v_studio.translators.diffusion.params import DiffusionParams
from v2v_studio.translators.diffusion.recipe import recipe, weights


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No model and no digest of this machine."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("V2V_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def folder(path, name="StableDiffusionPipeline"):
    """A model folder as far as it is read without loading it."""
    (path / "unet").mkdir(parents=True)
    (path / "model_index.json").write_text(json.dumps({"_class_name": name, "unet": ["diffusers", "UNet"]}))
    save_file({"weight": np.zeros(4, np.float32)}, path / "unet" / "diffusion_pytorch_model.safetensors")
    return path


def single(path, **tensors):
    save_file({name: np.zeros(shape, np.float32) for name, shape in tensors.items()}, path)
    return path


FIRST = "model.diffusion_model.input_blocks.0.0.weight"
CLIP = "cond_stage_model.transformer.text_model.final_layer_norm.bias"
OPEN_CLIP = "conditioner.embedders.1.model.ln_final.bias"
FAMILIES = {
    "sd15": {FIRST: (8, 4, 3, 3), CLIP: (8,)},
    "instruct-pix2pix": {FIRST: (8, 8, 3, 3), CLIP: (8,)},
    "sdxl": {FIRST: (8, 4, 3, 3), OPEN_CLIP: (8,)},
}


@pytest.mark.parametrize("name", ["controlnet", "img2img", "instruct", "text2img"])
def test_a_model_that_is_not_here_is_refused_with_the_command_that_fetches_it(name):
    translator = TRANSLATORS.load(name)()
    params = translator.Params(prompt="a painting")
    with pytest.raises(MissingError, match=f"v2v models fetch {params.model}"):
        translator.translate(np.zeros((3, 8, 8), np.float32), params, seed=0)


def test_of_several_that_are_missing_an_unknown_one_is_said_in_its_own_words(own_home):
    with pytest.raises(MissingError, match="v2v models fetch sd15; there is no model 'ink'"):
        recipe(DiffusionParams(loras="ink:0.5"), "img2img")


def test_all_that_is_missing_is_said_at_once(own_home):
    with pytest.raises(MissingError) as refused:
        TRANSLATORS.load("controlnet")().weights(ControlNetParams(controls="canny, depth"))
    assert str(refused.value).endswith("v2v models fetch sd15 controlnet-canny controlnet-depth annotator-midas")


def test_missing_weights_are_said_before_torch_is_imported(own_home):
    script = (
        "import sys, numpy\n"
        "from v2v_studio.errors import MissingError\n"
        "from v2v_studio.translators.base import TRANSLATORS\n"
        "translator = TRANSLATORS.load('controlnet')()\n"
        "try: translator.translate(numpy.zeros((3, 8, 8), 'f4'), translator.Params(), 0)\n"
        "except MissingError: print([name for name in ('torch', 'diffusers') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ})
    assert done.stdout.strip() == "[]", done.stderr


def test_a_folder_s_class_stands_in_its_index(own_home):
    made = recipe(DiffusionParams(model=str(folder(own_home / "flux", "FluxKontextPipeline"))), "img2img")
    assert made.model.pipeline == "FluxKontextPipeline"
    assert made.model.folder == made.model.path == own_home / "flux"


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (None, "has no model_index.json"),
        ("{", "cannot be read; fetch or copy the model again"),
        ("[]", "cannot be read"),
        ('{"_class_name": ["pipeline", "Own"]}', "wants code of its own, which is never run"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(own_home, index, said):
    (own_home / "other").mkdir()
    if index is not None:
        (own_home / "other" / "model_index.json").write_text(index)
    with pytest.raises(MissingError, match=said):
        recipe(DiffusionParams(model=str(own_home / "other")), "img2img")


def test_a_folder_of_pickles_is_refused_with_the_command_that_converts_them(own_home):
    model = folder(own_home / "old")
    (model / "unet" / "diffusion_pytorch_model.safetensors").rename(model / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(MissingError, match=r"v2v models convert .*diffusion_pytorch_model\.bin"):
        recipe(DiffusionParams(model=str(model)), "img2img")


@pytest.mark.parametrize("option", ["model", "loras"])
def test_a_single_pickle_is_refused_with_the_command_that_converts_it(own_home, option):
    (own_home / "look.ckpt").write_bytes(b"")
    given = {"model": str(folder(own_home / "sd")), option: str(own_home / "look.ckpt")}
    with pytest.raises(MissingError, match=r"v2v models convert .*look\.ckpt"):
        recipe(DiffusionParams(**given), "img2img")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_single_file_is_known_by_its_tensors(own_home, family):
    folder(own_home / "models" / family)
    made = recipe(DiffusionParams(model=str(single(own_home / "one.safetensors", **FAMILIES[family]))), "img2img")
    assert made.model.path == own_home / "one.safetensors"
    assert made.model.folder == own_home / "models" / family


def test_a_single_file_without_its_family_s_folder_says_what_is_wanted(own_home):
    file = single(own_home / "one.safetensors", **FAMILIES["sd15"])
    with pytest.raises(MissingError, match=r"one\.safetensors holds weights alone.*v2v models fetch sd15"):
        recipe(DiffusionParams(model=str(file)), "img2img")


def test_a_single_file_of_another_family_asks_for_its_folder(own_home):
    file = single(own_home / "one.safetensors", other=(8,))
    with pytest.raises(MissingError, match=r"neither Stable Diffusion 1\.5 nor SDXL in one file.*-p config="):
        recipe(DiffusionParams(model=str(file)), "img2img")
    made = recipe(DiffusionParams(model=str(file), config=str(folder(own_home / "like"))), "img2img")
    assert made.model.folder == own_home / "like"


def test_a_damaged_single_file_is_refused(own_home):
    (own_home / "one.safetensors").write_bytes(b"not at all")
    with pytest.raises(MissingError, match=r"one\.safetensors is no \.safetensors file"):
        recipe(DiffusionParams(model=str(own_home / "one.safetensors")), "img2img")


def test_a_controlnet_is_a_folder_with_a_config(own_home):
    with pytest.raises(MissingError, match="is no ControlNet"):
        recipe(DiffusionParams(model=str(folder(own_home / "sd"))), "img2img", [str(own_home / "sd")])


@pytest.mark.parametrize(("made_of", "other"), [("UNet2DConditionModel", "ControlNet"), ("ControlNetModel", "VAE")])
def test_another_network_is_not_taken_for_it(own_home, made_of, other):
    (own_home / "net").mkdir()
    (own_home / "net" / "config.json").write_text(json.dumps({"_class_name": made_of}))
    net = str(own_home / "net")
    params = DiffusionParams(model=str(folder(own_home / "sd")), vae=net if other == "VAE" else "")
    with pytest.raises(MissingError, match=f"is no {other} but a {made_of}"):
        recipe(params, "img2img", [net] if other == "ControlNet" else [])


def test_a_model_without_one_of_its_parts_is_refused(own_home):
    index = folder(own_home / "sd") / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "tokenizer": ["transformers", "CLIPTokenizer"]}))
    with pytest.raises(MissingError, match=r"sd has no tokenizer, which its model_index\.json names"):
        recipe(DiffusionParams(model=str(own_home / "sd")), "img2img")


def test_weights_are_named_as_the_options_name_them_and_follow_the_bytes(own_home):
    folder(own_home / "models" / "sd15")
    lora = single(own_home / "ink.safetensors", weight=(4,))
    params = DiffusionParams(loras=f"{lora}:0.5")
    before = weights(recipe(params, "img2img"), params)
    assert set(before) == {"sd15", str(lora)}
    assert all(len(sha256) == 64 for sha256 in before.values())
    single(lora, weight=(5,))
    after = weights(recipe(params, "img2img"), params)
    assert after["sd15"] == before["sd15"]
    assert after[str(lora)] != before[str(lora)]
