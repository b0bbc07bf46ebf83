"""Pipelines made of folders and files. Slow: diffusers is imported."""

import json
import logging
import shutil
from inspect import signature
from types import SimpleNamespace

import numpy as np
import pytest

from tests.toys import FRAME
from v2v_studio.errors import MissingError, RenderError, UsageError
from v2v_studio.translators.diffusion.recipe import Checkpoint, recipe
from v2v_studio.translators.img2img import Img2Img

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("index", "task", "made"),
    [
        ("StableDiffusionPipeline", "img2img", "StableDiffusionImg2ImgPipeline"),
        ("StableDiffusionXLPipeline", "img2img", "StableDiffusionXLImg2ImgPipeline"),
        ("StableDiffusionXLImg2ImgPipeline", "text2img", "StableDiffusionXLPipeline"),
        ("LatentConsistencyModelPipeline", "img2img", "LatentConsistencyModelImg2ImgPipeline"),
        ("FluxPipeline", "img2img", "FluxImg2ImgPipeline"),
        ("FluxKontextPipeline", "img2img", "FluxKontextPipeline"),
        ("QwenImageEditPipeline", "img2img", "QwenImageEditPipeline"),
        ("QwenImageEditPlusPipeline", "img2img", "QwenImageEditPlusPipeline"),
        ("StableDiffusionInstructPix2PixPipeline", "img2img", "StableDiffusionInstructPix2PixPipeline"),
        ("StableDiffusionInstructPix2PixPipeline", "instruct", "StableDiffusionInstructPix2PixPipeline"),
    ],
)
def test_the_class_is_that_of_the_model_s_family(index, task, made, tmp_path):
    from v2v_studio.translators.diffusion.pipelines import pipeline_class

    assert pipeline_class(Checkpoint(tmp_path, tmp_path, index), task, False).__name__ == made


@pytest.mark.parametrize("index", ["StableDiffusionPipeline", "StableDiffusionXLPipeline", "FluxPipeline"])
def test_a_family_has_its_class_for_controlnets(index, tmp_path):
    from v2v_studio.translators.diffusion.pipelines import pipeline_class

    made = pipeline_class(Checkpoint(tmp_path, tmp_path, index), "img2img", True).__name__
    assert made == index.replace("Pipeline", "ControlNetImg2ImgPipeline")


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ("NeverHeardOfPipeline", "which diffusers .* does not know"),
        ("UNet2DConditionModel", "which diffusers .* does not know"),
        ("StableAudioPipeline", "has no pipeline for img2img"),
    ],
)
def test_a_class_that_cannot_paint_is_refused(index, said, paint, toy, tmp_path):
    shutil.copytree(toy("stable_diffusion"), tmp_path / "other")
    names = json.loads((tmp_path / "other" / "model_index.json").read_text())
    (tmp_path / "other" / "model_index.json").write_text(json.dumps({**names, "_class_name": index}))
    translator = Img2Img()
    with pytest.raises(MissingError, match=said):
        translator.translate(FRAME, translator.Params(model=str(tmp_path / "other")), seed=0)


def test_an_inpainting_model_is_refused(tmp_path):
    from v2v_studio.translators.diffusion.pipelines import _refuse_inpainting

    vae = SimpleNamespace(config=SimpleNamespace(latent_channels=4))
    made = [
        SimpleNamespace(vae=vae, unet=SimpleNamespace(config=SimpleNamespace(in_channels=reads))) for reads in (4, 9)
    ]
    model = Checkpoint(tmp_path, tmp_path, "StableDiffusionInpaintPipeline")
    _refuse_inpainting(made[0], model)  # there are some that only name themselves so
    with pytest.raises(MissingError, match="is an inpainting model"):
        _refuse_inpainting(made[1], model)


def test_a_single_file_paints_what_its_folder_paints(paint, toy):
    alone = paint("img2img", model="single_file", config=str(toy("stable_diffusion")))
    assert np.array_equal(alone, paint("img2img"))


def test_another_vae_takes_the_place_of_the_model_s_own(paint, toy):
    own, other = toy("stable_diffusion") / "vae", toy("sdxl") / "vae"
    assert np.array_equal(paint("img2img", vae=str(own)), paint("img2img"))
    assert paint("img2img", vae=str(other)).shape == FRAME.shape
    with pytest.raises(MissingError, match="is no VAE"):
        paint("img2img", vae=str(toy("stable_diffusion")))


def test_qwen_s_editor_has_its_guidance_under_another_name():
    import diffusers

    from v2v_studio.translators.diffusion.running import _options

    takes = signature(diffusers.QwenImageEditPipeline.__call__).parameters
    given = _options(Img2Img.Params(prompt="make it night", guidance=3), takes)
    assert given == {"prompt": "make it night", "negative_prompt": "", "num_inference_steps": 30, "true_cfg_scale": 3}


def test_a_model_whose_files_are_not_whole_is_refused_in_one_sentence(toy, tmp_path):
    shutil.copytree(toy("stable_diffusion"), tmp_path / "cut")
    unet = tmp_path / "cut" / "unet" / "diffusion_pytorch_model.safetensors"
    unet.write_bytes(unet.read_bytes()[:100_000])
    translator = Img2Img()
    with pytest.raises(MissingError, match="cannot be loaded as StableDiffusionImg2ImgPipeline") as refused:
        translator.translate(FRAME, translator.Params(model=str(tmp_path / "cut"), device="cpu"), seed=0)
    assert "\n" not in str(refused.value)


def test_16_bit_files_alone_are_taken_and_worked_in_as_the_cpu_can(toy, tmp_path):
    import torch
    from diffusers import StableDiffusionPipeline

    from v2v_studio.translators.diffusion.pipelines import load

    whole = StableDiffusionPipeline.from_pretrained(toy("stable_diffusion"), dtype=torch.float16)
    whole.save_pretrained(tmp_path / "half", variant="fp16")
    model = str(tmp_path / "half")
    made = load(recipe(Img2Img.Params(model=model, device="cpu"), "img2img"))
    assert made.dtype in (torch.bfloat16, torch.float32)
    with pytest.raises(UsageError, match="float16 does not work on a CPU; use dtype bfloat16 or float32"):
        load(recipe(Img2Img.Params(model=model, device="cpu", dtype="float16"), "img2img"))
    with pytest.raises(UsageError, match="device 'cuda:77' is not here"):
        load(recipe(Img2Img.Params(model=model, device="cuda:77"), "img2img"))


def test_a_spoilt_vae_is_refused_after_float32_was_tried(toy, tmp_path, caplog):
    from safetensors.torch import load_file, save_file

    shutil.copytree(toy("stable_diffusion"), tmp_path / "black")
    file = tmp_path / "black" / "vae" / "diffusion_pytorch_model.safetensors"
    spoilt = {
        name: weight * float("nan") if name.startswith("decoder") else weight
        for name, weight in load_file(file).items()
    }
    save_file(spoilt, file)
    translator = Img2Img()
    params = translator.Params(model=str(tmp_path / "black"), device="cpu", dtype="bfloat16", steps=2)
    with caplog.at_level(logging.WARNING), pytest.raises(RenderError, match="values that are not finite"):
        translator.translate(FRAME, params, seed=0)
    assert "once more in float32" in caplog.text


def test_in_slices_the_picture_is_the_same(toy, caplog):
    translator, params = Img2Img(), Img2Img.Params(model=str(toy("stable_diffusion")), device="cpu", steps=2)
    whole = translator.translate(FRAME, params, seed=1)
    unet = translator._held._pipeline.unet
    forward, failed = unet.forward, []

    def short_of_memory(*given, **named):
        if not failed:
            failed.append(True)
            raise MemoryError
        return forward(*given, **named)

    unet.forward = short_of_memory
    with caplog.at_level(logging.WARNING):
        sliced = translator.translate(FRAME, params, seed=1)
    assert "once more with attention and decoding in slices" in caplog.text
    assert np.allclose(sliced, whole, atol=1e-4)  # sums in another order


def test_what_torch_says_when_memory_runs_out_is_understood():
    import torch

    from v2v_studio.translators.diffusion.memory import out_of_memory

    with pytest.raises(RuntimeError) as short:
        torch.empty(2**60, dtype=torch.uint8)
    assert out_of_memory(short.value)
