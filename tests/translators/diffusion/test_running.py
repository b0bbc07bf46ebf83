"""A pipeline run on a picture: what it is asked, what is done when it fails. The pipelines are stand-ins without weights."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from v2v_studio.errors import Cancelled, RenderError, ResourceError
from v2v_studio.translators.diffusion.params import RepaintParams
from v2v_studio.translators.diffusion.recipe import Checkpoint, Recipe
from v2v_studio.translators.diffusion.running import paint
from v2v_studio.translators.instruct import InstructParams

pytestmark = pytest.mark.slow

FRAME = np.linspace(0, 1, 3 * 30 * 50, dtype=np.float32).reshape(3, 30, 50)


class Pipeline:
    """Gives the picture back, negated; before that it may run out of memory, or paint something else in 16 bits."""

    vae_scale_factor = 8

    def __init__(self, dtype=torch.float32, device="cpu", fails=(), paints=None):
        self.dtype, self.device = dtype, torch.device(device)
        self.fails, self.paints = list(fails), paints
        self.asked, self.economies = {}, []
        self.vae = SimpleNamespace(
            enable_slicing=lambda: self.economies.append("slicing"),
            enable_tiling=lambda: self.economies.append("tiling"),
        )

    def __call__(
        self,
        prompt,
        image,
        strength=0.8,
        num_inference_steps=50,
        guidance_scale=7.5,
        generator=None,
        output_type="pil",
        callback_on_step_end=None,
    ):
        self.asked = {name: value for name, value in locals().items() if name != "self"}
        self.num_timesteps = int(strength * num_inference_steps)
        for step in range(self.num_timesteps):
            callback_on_step_end(self, step, 0, {})
        if self.fails:
            raise self.fails.pop(0)
        picture = 1 - np.asarray(image, np.float32) / 255
        if self.paints is not None and self.dtype != torch.float32:
            picture = np.full_like(picture, self.paints)
        return SimpleNamespace(images=[picture], nsfw_content_detected=None)

    def enable_attention_slicing(self):
        self.economies.append("attention")

    def enable_sequential_cpu_offload(self, device):
        self.economies.append(f"offload to {device}")

    def to(self, place):
        return self


class Held:
    """Pipelines by the dtype that is asked for."""

    def __init__(self, *pipelines):
        self.pipelines = {str(pipeline.dtype).removeprefix("torch."): pipeline for pipeline in pipelines}

    def pipeline(self, recipe, schedule):
        return self.pipelines.get(recipe.dtype) or next(iter(self.pipelines.values()))


def painted(
    *pipelines,
    image=FRAME,
    params=None,
    seed=1,
    on_step=lambda done, steps: None,
    task="img2img",
    controls=(),
    **options,
):
    recipe = Recipe(task, Checkpoint("model", "model", "Pipeline"), (), (), None, "auto", "auto")
    params = params or RepaintParams(model="toy", **options)
    return paint(Held(*pipelines), recipe, params, image, seed, on_step, controls)


def test_the_result_lies_on_the_frame_exactly():
    assert np.allclose(painted(Pipeline()), 1 - FRAME, atol=1 / 255)  # the pipeline sees 8 bits


def test_the_pipeline_sees_whole_multiples():
    pipeline = Pipeline()
    painted(pipeline)
    assert pipeline.asked["image"].size == (56, 32)


def test_a_pipeline_that_chooses_its_own_size_is_brought_back():
    class Large(Pipeline):
        def __call__(self, prompt, image, output_type):
            return super().__call__(prompt, image.resize((112, 64)), callback_on_step_end=lambda *said: {})

    assert painted(Large()).shape == FRAME.shape


def test_a_transformer_s_pictures_are_multiples_of_sixteen():
    pipeline = Pipeline()
    pipeline.transformer = object()
    painted(pipeline)
    assert pipeline.asked["image"].size == (64, 32)


def test_options_reach_the_pipeline_under_its_names():
    pipeline = Pipeline()
    painted(pipeline, prompt="a boat", steps=8, strength=0.5, guidance=3)
    asked = pipeline.asked
    assert (asked["prompt"], asked["num_inference_steps"], asked["strength"]) == ("a boat", 8, 0.5)
    assert (asked["guidance_scale"], asked["output_type"]) == (3, "np")


def test_an_empty_guidance_leaves_the_pipeline_its_own():
    pipeline = Pipeline()
    painted(pipeline)
    assert pipeline.asked["guidance_scale"] == 7.5


def test_guidance_goes_where_the_pipeline_has_it():
    class Qwen(Pipeline):
        def __call__(self, prompt, image, true_cfg_scale=4.0, guidance_scale=None, callback_on_step_end=None):
            result = super().__call__(prompt, image, callback_on_step_end=callback_on_step_end)
            self.asked = {"true_cfg_scale": true_cfg_scale, "guidance_scale": guidance_scale}
            return result

    pipeline = Qwen()
    painted(pipeline, guidance=2.5)
    assert pipeline.asked == {"true_cfg_scale": 2.5, "guidance_scale": None}


def test_an_option_that_a_pipeline_does_not_take_is_said_if_somebody_set_it(caplog):
    with caplog.at_level(logging.WARNING):
        painted(Pipeline(), negative_prompt="")
        assert not caplog.records
        painted(Pipeline(), negative_prompt="people")
        painted(Pipeline(), params=InstructParams(model="toy", prompt="x", image_guidance=3))
    said = [record.getMessage() for record in caplog.records]
    assert said == ["toy takes no negative_prompt; it is ignored", "toy takes no image_guidance; it is ignored"]


def test_what_lies_outside_the_range_is_cut_off():
    class Loud(Pipeline):
        def __call__(self, prompt, image, callback_on_step_end=None):
            result = super().__call__(prompt, image, callback_on_step_end=callback_on_step_end)
            result.images[0] = 3 * result.images[0] - 1
            return result

    styled = painted(Loud())
    assert (styled.min(), styled.max()) == (0, 1)


class Controlled(Pipeline):
    def __call__(self, prompt, image, control_image=None, controlnet_conditioning_scale=1.0, callback_on_step_end=None):
        result = super().__call__(prompt, image, callback_on_step_end=callback_on_step_end)
        self.asked = {"pictures": control_image, "weights": controlnet_conditioning_scale}
        return result


def test_a_control_is_laid_as_the_frame_is_and_keeps_its_weight():
    pipeline = Controlled()
    painted(pipeline, controls=[(FRAME, 0.3)])
    assert pipeline.asked["pictures"].size == (56, 32)
    assert pipeline.asked["weights"] == 0.3


def test_each_of_several_controls_keeps_its_weight():
    pipeline = Controlled()
    painted(pipeline, controls=[(0 * FRAME, 0.3), (0 * FRAME + 1, 0.7)])
    assert [np.asarray(picture).max() for picture in pipeline.asked["pictures"]] == [0, 255]
    assert pipeline.asked["weights"] == [0.3, 0.7]


class Words:
    """A tokenizer that takes words for tokens."""

    def __init__(self, most):
        self.model_max_length = most

    def __call__(self, text):
        return SimpleNamespace(input_ids=text.split())


def test_what_a_model_does_not_read_of_a_prompt_is_said(caplog):
    pipeline = Pipeline()
    pipeline.tokenizer, pipeline.tokenizer_2 = Words(2), Words(3)
    with caplog.at_level(logging.WARNING):
        painted(pipeline, prompt="a small boat")
        assert not caplog.records
        painted(pipeline, prompt="a very small boat")
    assert [record.getMessage() for record in caplog.records] == [
        "the prompt has 4 tokens; the model reads the first 3"
    ]


def test_the_generator_is_the_cpu_s_and_has_the_seed():
    pipeline = Pipeline()
    painted(pipeline, seed=41)
    assert pipeline.asked["generator"].device.type == "cpu"
    assert pipeline.asked["generator"].initial_seed() == 41
    painted(pipeline, seed=10**30)  # more than torch can count to


def test_every_step_is_told_and_the_last_is_the_last():
    told = []
    painted(Pipeline(), steps=10, strength=0.4, on_step=lambda done, steps: told.append((done, steps)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_pipeline_that_tells_nothing_is_told_of_when_it_is_done():
    class Silent(Pipeline):
        def __call__(self, prompt, image):
            return super().__call__(prompt, image, callback_on_step_end=lambda *said: {})

    told = []
    painted(Silent(), on_step=lambda done, steps: told.append((done, steps)))
    assert told == [(1, 1)]


def test_what_on_step_raises_comes_out_and_the_pipeline_can_be_used_again():
    def stop(done, steps):
        raise Cancelled("stopped")

    pipeline = Pipeline()
    with pytest.raises(Cancelled):
        painted(pipeline, on_step=stop)
    assert np.array_equal(painted(pipeline), painted(Pipeline()))


SHORT = [
    torch.OutOfMemoryError("CUDA out of memory"),
    MemoryError(),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"
    ),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
]


@pytest.mark.parametrize("error", SHORT, ids=lambda error: type(error).__name__)
def test_out_of_memory_is_tried_again_in_slices_and_said(error, caplog):
    pipeline = Pipeline(fails=[error])
    assert np.allclose(painted(pipeline), 1 - FRAME, atol=1 / 255)
    assert pipeline.economies == ["attention", "slicing", "tiling"]
    assert "out of memory on cpu; once more with attention and decoding in slices" in caplog.text


def test_on_a_gpu_layers_are_brought_in_one_by_one_after_that(caplog):
    pipeline = Pipeline(device="cuda", fails=[SHORT[0], SHORT[0]])
    assert np.allclose(painted(pipeline), 1 - FRAME, atol=1 / 255)
    assert pipeline.economies == ["attention", "slicing", "tiling", "offload to cuda"]
    assert "the model does not fit on cuda" in caplog.text


def test_what_does_not_fit_even_so_is_a_resource_error():
    with pytest.raises(ResourceError, match=r"out of memory on cpu, even in small pieces; paint smaller"):
        painted(Pipeline(fails=[MemoryError(), MemoryError()]))


def test_another_error_is_not_taken_for_want_of_memory_and_is_one_sentence():
    pipeline = Pipeline(fails=[RuntimeError("shapes differ\nat line 9")])
    with pytest.raises(RenderError, match=r"toy cannot paint with these options as Pipeline \(shapes differ\); change"):
        painted(pipeline)
    assert pipeline.economies == []


@pytest.mark.parametrize(
    ("paints", "said"), [(0, "a black picture"), (0.5, "a single colour"), (np.nan, "values that are not finite")]
)
def test_a_spoilt_picture_is_painted_once_more_in_float32_and_that_is_said(paints, said, caplog):
    half, full = Pipeline(torch.float16, paints=paints), Pipeline(torch.float32)
    assert np.allclose(painted(half, full), 1 - FRAME, atol=1 / 255)
    assert f"toy painted {said}; once more in float32" in caplog.text


@pytest.mark.parametrize(
    ("paints", "said"), [(0, "a black picture"), (0.5, "a single colour"), (np.nan, "values that are not finite")]
)
def test_a_picture_spoilt_in_float32_too_is_refused(paints, said):
    class Spoilt(Pipeline):
        def __call__(self, prompt, image, callback_on_step_end=None):
            result = super().__call__(prompt, image, callback_on_step_end=callback_on_step_end)
            result.images[0] = np.full_like(result.images[0], paints)
            return result

    with pytest.raises(RenderError, match=f"toy painted {said}; try another seed"):
        painted(Spoilt())


def test_one_colour_is_right_for_a_frame_of_one_colour():
    black = np.zeros((3, 16, 16), np.float32)
    assert painted(Pipeline(), image=black).min() == 1


def test_one_colour_is_wrong_for_a_prompt_alone():
    class Words(Pipeline):
        def __call__(self, prompt, width, height, callback_on_step_end=None):
            return SimpleNamespace(images=[np.zeros((height, width, 3), np.float32)])

    with pytest.raises(RenderError, match="a black picture"):
        painted(Words(), image=np.zeros((3, 16, 16), np.float32), task="text2img")


def test_a_picture_that_the_safety_checker_painted_over_is_refused_with_that_reason():
    class Checked(Pipeline):
        def __call__(self, prompt, image):
            return SimpleNamespace(images=[np.zeros((32, 56, 3), np.float32)], nsfw_content_detected=[True])

    with pytest.raises(RenderError, match="the safety checker of toy objected"):
        painted(Checked())
