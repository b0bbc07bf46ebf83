"""LoRAs: how they are named, and that they bend the picture."""

from pathlib import Path

import numpy as np
import pytest

from tests.toys import differ
from v2v_studio.errors import UsageError
from v2v_studio.translators.diffusion.loras import Lora, parse_loras, wear


@pytest.mark.parametrize(
    ("text", "loras"),
    [
        ("", ()),
        ("ink", (Lora("ink", 1.0),)),
        ("ink:0.8, looks/grain.safetensors:-0.4", (Lora("ink", 0.8), Lora("looks/grain.safetensors", -0.4))),
        ("C:/looks/ink.safetensors", (Lora("C:/looks/ink.safetensors", 1.0),)),
    ],
)
def test_loras_are_names_with_weights(text, loras):
    assert parse_loras(text) == loras


class Wearing:
    """A pipeline that only notes what it is to wear."""

    def load_lora_weights(self, folder, weight_name, adapter_name, local_files_only):
        if weight_name == "damaged.safetensors":
            raise OSError("Unable to load weights")

    def set_adapters(self, names, weights=None):
        self.worn = names, weights


def test_each_lora_is_worn_with_its_own_weight():
    pipeline = Wearing()
    wear(pipeline, [(Path("ink.safetensors"), 0.8), (Path("grain.safetensors"), -0.3)])
    assert pipeline.worn == (["lora0", "lora1"], [0.8, -0.3])


def test_a_damaged_lora_is_refused_by_its_name():
    with pytest.raises(UsageError, match=r"damaged\.safetensors does not fit Wearing \(Unable to load weights\)"):
        wear(Wearing(), [(Path("damaged.safetensors"), 1.0)])


@pytest.mark.slow
def test_loras_bend_the_picture_as_far_as_they_weigh(paint, toy):
    ink, grain = toy("lora-1"), toy("lora-2")
    plain, light, heavy = paint("img2img"), paint("img2img", loras=f"{ink}:0.1"), paint("img2img", loras=f"{ink}:1")
    assert np.array_equal(plain, paint("img2img", loras=f"{ink}:0"))
    assert 0 < np.abs(light - plain).mean() < np.abs(heavy - plain).mean()
    assert differ(heavy, paint("img2img", loras=f"{ink}:1, {grain}:1"))


@pytest.mark.slow
def test_a_lora_of_another_model_is_refused(paint, toy, tmp_path):
    import torch
    from safetensors.torch import save_file

    name = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_{}.weight"
    save_file(
        {name.format("A"): torch.zeros(4, 640), name.format("B"): torch.zeros(640, 4)}, tmp_path / "big.safetensors"
    )
    with pytest.raises(UsageError, match=r"big\.safetensors does not fit StableDiffusionImg2ImgPipeline"):
        paint("img2img", loras=str(tmp_path / "big.safetensors"))
