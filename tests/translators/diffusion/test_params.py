"""What users write as options of the diffusion translators."""

import pytest

from v2v_studio.errors import UsageError
from v2v_studio.models.manifest import manifest
from v2v_studio.params import parse_params
from v2v_studio.translators.base import TRANSLATORS, Controlled, Weighted
from v2v_studio.translators.controlnet import ControlNetParams
from v2v_studio.translators.diffusion.params import RepaintParams

DIFFUSION = ("controlnet", "img2img", "instruct", "text2img")


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("controls", "cany", "unknown control 'cany'. Did you mean 'canny'?"),
        ("controls", "", "names no control"),
        ("controls", "canny, canny:0.5", "names a control twice"),
        ("controls", "zoe:0.5", "say which ControlNet reads it: zoe=controlnet-...:0.5"),
        ("loras", ":0.5", "names no LoRA; write it as name:weight"),
        ("loras", "ink:nan", "the weight of 'ink:nan' is no number"),
        ("controls", "canny:inf", "the weight of 'canny:inf' is no number"),
        ("model", "", "at least 1 character"),
        ("side", "100000", "less than or equal to 4096"),
        ("scheduler", "eular", "unknown scheduler 'eular'. Did you mean 'euler'?"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(option, text, said):
    with pytest.raises(UsageError) as refused:
        parse_params(ControlNetParams, {option: text}, "translator 'controlnet'")
    assert said in str(refused.value)


def test_a_strength_that_leaves_no_step_is_refused():
    with pytest.raises(UsageError, match=r"strength 0\.02 of 30 steps is not one step"):
        parse_params(RepaintParams, {"strength": "0.02"}, "translator 'img2img'")


@pytest.mark.parametrize("name", ["instruct", "text2img"])
def test_a_prompt_is_needed_where_nothing_else_says_what_to_paint(name):
    with pytest.raises(UsageError, match="needs option 'prompt'"):
        parse_params(TRANSLATORS.load(name).Params, {}, f"translator '{name}'")


@pytest.mark.parametrize("name", DIFFUSION)
def test_every_option_says_what_it_is(name):
    assert all(field.description for field in TRANSLATORS.load(name).Params.model_fields.values())


@pytest.mark.parametrize("name", ["controlnet", "img2img", "instruct", "text2img"])
def test_the_usual_model_is_in_the_manifest(name):
    assert TRANSLATORS.load(name).Params.model_fields["model"].default in manifest()


def test_they_say_what_they_stand_on():
    assert all(
        isinstance(TRANSLATORS.load(name)(), Weighted) for name in ("controlnet", "img2img", "instruct", "text2img")
    )
    assert isinstance(TRANSLATORS.load("controlnet")(), Controlled)


@pytest.mark.parametrize(("name", "usual"), [("img2img", None), ("instruct", 7.5)])
def test_an_empty_guidance_is_the_usual_one(name, usual):
    params = parse_params(TRANSLATORS.load(name).Params, {"guidance": "", "prompt": "x"}, "translator")
    assert params.guidance == usual
