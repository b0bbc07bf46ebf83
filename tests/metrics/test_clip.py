"""Likeness by CLIP, on a small CLIP with random weights that is saved and loaded as a real one is."""

import numpy as np
import pytest

from v2v_studio.metrics.clip import WEIGHTS, image_similarity


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / WEIGHTS


def test_without_weights_nothing_is_said(folder):
    picture = np.full((3, 16, 16), 0.5, np.float32)
    assert image_similarity(picture, picture) is None


@pytest.mark.slow
def test_a_picture_is_most_like_itself(folder):
    save_small_clip(folder)
    rng = np.random.default_rng(0)
    noise, stripes = rng.random((3, 48, 64), np.float32), np.zeros((3, 48, 64), np.float32)
    stripes[:, :, ::8] = 1
    assert image_similarity(noise, noise) == pytest.approx(1, abs=1e-6)  # float32 over a unit vector
    assert image_similarity(noise, stripes) < 0.999


def save_small_clip(folder):
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    torch.manual_seed(0)
    layers = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**layers, "vocab_size": 64}, vision_config={**layers, "image_size": 32, "patch_size": 8}
    )
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
