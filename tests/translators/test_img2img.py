"""The image translator `img2img` on toy checkpoints, through the paths that released ones take."""

import logging

import numpy as np
import pytest

from tests.toys import FRAME, differ
from v2v_studio.translators.img2img import Img2Img


@pytest.mark.slow
def test_prompt_seed_and_strength_decide_the_picture(paint):
    usual = paint("img2img", prompt="a boat")
    assert differ(usual, paint("img2img", prompt="a wood"))
    assert differ(usual, paint("img2img", prompt="a boat", seed=2))
    assert differ(usual, paint("img2img", prompt="a boat", strength=1))
    assert np.array_equal(usual, paint("img2img", prompt="a boat"))


@pytest.mark.slow
def test_sdxl_is_a_folder_like_any_other(paint):
    assert paint("img2img", model="sdxl", prompt="a boat").shape == FRAME.shape
    assert paint("text2img", model="sdxl", prompt="a boat").shape == FRAME.shape


@pytest.mark.slow
def test_an_editor_that_chooses_its_own_size_gives_the_frame_s(paint, caplog):
    with caplog.at_level(logging.WARNING):
        assert paint("img2img", model="flux_kontext", prompt="make it night", strength=0.9).shape == FRAME.shape
    assert "takes no strength; it is ignored" in caplog.text


@pytest.mark.slow
def test_img2img_runs_a_class_that_diffusers_has_no_table_for(paint):
    assert paint("img2img", model="instruct_pix2pix", prompt="make it night").shape == FRAME.shape


@pytest.mark.slow
def test_a_model_in_the_hub_s_cache_is_found_by_its_name(paint, toy, tmp_path, monkeypatch):
    cached = tmp_path / "models--makers--toy"
    (cached / "snapshots").mkdir(parents=True)
    (cached / "snapshots" / "abc").symlink_to(toy("stable_diffusion"))
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("V2V_MODELS", str(tmp_path / "none"))
    params = Img2Img.Params(model="makers/toy", device="cpu", steps=2)
    assert np.array_equal(Img2Img().translate(FRAME, params, seed=1), paint("img2img"))
