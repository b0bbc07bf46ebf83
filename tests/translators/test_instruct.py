"""The image translator `instruct` on a toy InstructPix2Pix."""

import pytest

from tests.toys import differ
from v2v_studio.errors import MissingError


@pytest.mark.slow
def test_instruct_has_two_guidances(paint):
    usual = paint("instruct", model="instruct_pix2pix", prompt="make it night")
    assert differ(usual, paint("instruct", model="instruct_pix2pix", prompt="make it night", guidance=2))
    assert differ(usual, paint("instruct", model="instruct_pix2pix", prompt="make it night", image_guidance=4))


@pytest.mark.slow
def test_an_instruction_needs_a_model_that_follows_one(paint):
    with pytest.raises(MissingError, match="is a StableDiffusionPipeline, which has no pipeline for instruct"):
        paint("instruct", prompt="make it night")
