"""The image translator `text2img` on a toy checkpoint."""

import numpy as np
import pytest

from tests.toys import FRAME, differ
from v2v_studio.translators.text2img import Text2Img


@pytest.mark.slow
def test_the_footage_is_not_seen(toy):
    translator, params = Text2Img(), Text2Img.Params(model=str(toy("stable_diffusion")), prompt="a boat", steps=2)
    assert np.array_equal(translator.translate(FRAME, params, 1), translator.translate(1 - FRAME, params, 1))


@pytest.mark.slow
def test_the_prompt_and_the_seed_decide_the_picture(paint):
    usual = paint("text2img", prompt="a boat")
    assert differ(usual, paint("text2img", prompt="a wood"))
    assert differ(usual, paint("text2img", prompt="a boat", seed=2))
