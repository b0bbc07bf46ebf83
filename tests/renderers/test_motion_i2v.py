"""What the renderer asks of stage 2, with a stage 2 that only remembers: the networks have tests of their own."""

from typing import NamedTuple

import numpy as np
import pytest

from v2v_studio.errors import Cancelled, MissingError, RenderError, ResourceError, UsageError
from v2v_studio.models.motion_i2v.params import converted
from v2v_studio.renderers import motion_i2v
from v2v_studio.renderers.motion_i2v import HELD, MotionI2V, RenderParams, weighted
from v2v_studio.tracks.table import set_up
from v2v_studio.types import Anchor, Drawn, FlowField, MotionBrush, Window

SIZE = (40, 72)


class Sampled(NamedTuple):
    frames: np.ndarray
    latents: np.ndarray


class Recorder:
    """A stage 2 that gives back grey frames, and latents that say which call and which frame they are of."""

    def __init__(self):
        self.calls = []

    def frames(self, image, flows, prompt, negative_prompt, **given):
        self.calls.append({"image": image, "flows": flows, "prompt": prompt, **given})
        h, w = image.shape[1:]
        latents = np.zeros((len(flows), 4, h // 8, w // 8), np.float32)
        latents[:] = np.arange(len(flows))[:, None, None, None] + 100 * len(self.calls)
        for index, latent in given["held"].items():
            latents[index] = latent
        noise = np.random.default_rng(0).random((len(flows), 3, h, w)).astype(np.float32)
        return Sampled(0.5 + 0.1 * (noise - 0.5), latents)

    def latents(self, frames):
        return frames[:, :1, ::8, ::8].repeat(4, 1)


@pytest.fixture
def stage2(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(motion_i2v, "loaded", lambda *_: recorder)
    monkeypatch.setattr(motion_i2v, "converted", lambda name: name)
    return recorder


def opened(seed=0, drawn=None, **options):
    styled = np.random.default_rng(1).random((3, *SIZE)).astype(np.float32)
    anchor = Anchor(styled, styled, drawn or Drawn())
    return MotionI2V().open(anchor, RenderParams.model_construct(**{"prompt": "a boat", **options}), seed)


def window(start, count):
    frames = np.zeros((count, 3, *SIZE), np.float32)
    return Window(start, frames, np.zeros((3, *SIZE), np.float32))


def pan(start, count, direction="backward"):
    """Everything one pixel to the right a frame."""
    way = np.zeros((count, 2, *SIZE), np.float32)
    way[:, 0] = np.arange(start, start + count)[:, None, None] * (1 if direction == "forward" else -1)
    return FlowField(way, direction, np.ones((count, 1, *SIZE), np.float32))


def test_every_window_is_asked_for_with_the_shots_first_frame_and_no_more_than_sixteen(stage2):
    render, carry = opened(), {}
    for start in (1, 13, 25):
        carry = render.render(window(start, 12), pan(start, 12), carry).carry
    assert [len(call["flows"]) for call in stage2.calls] == [13, 16, 16]
    assert all(np.array_equal(call["image"], stage2.calls[0]["image"]) for call in stage2.calls)
    assert render.window == 12


def test_the_last_frames_of_a_window_are_held_in_the_next_with_their_flow(stage2):
    render = opened()
    carry = render.render(window(1, 12), pan(1, 12), {}).carry
    render.render(window(13, 12), pan(13, 12), carry)
    first, second = stage2.calls
    assert first["held"] == {}
    assert [float(second["held"][index][0, 0, 0]) for index in (1, 2, 3)] == [110, 111, 112]
    assert np.array_equal(second["flows"][1:4], first["flows"][-HELD:])


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_stage_2_is_given_forward_flow_whichever_it_comes_as(stage2, direction):
    opened().render(window(1, 3), pan(1, 3, direction), {})
    flows = stage2.calls[0]["flows"]
    assert [float(flow[0, 20, 20]) for flow in flows] == [0, 1, 2, 3]
    assert not flows[:, 1].any()


def test_sides_are_padded_to_64_and_undone(stage2):
    made = opened().render(window(1, 2), pan(1, 2), {})
    assert stage2.calls[0]["image"].shape == (3, 64, 128)
    assert stage2.calls[0]["flows"].shape == (3, 2, 64, 128)
    assert made.frames.shape == (2, 3, *SIZE)


def test_frames_get_the_colours_of_what_they_show_of_the_first_frame(stage2):
    anchor = np.random.default_rng(1).random((3, *SIZE)).astype(np.float32)
    still = FlowField(np.zeros((1, 2, *SIZE), np.float32), "backward", np.ones((1, 1, *SIZE), np.float32))
    matched = opened(colour=1.0).render(window(1, 1), still, {}).frames[0]
    left = opened(colour=0.0).render(window(1, 1), still, {}).frames[0]
    assert np.abs(matched.mean((1, 2)) - anchor.mean((1, 2))).max() < 1e-5  # sums in float32; nothing is clipped here
    assert np.allclose(matched.std((1, 2)), 2 * left.std((1, 2)), rtol=1e-4)  # the first frame's is more than double


def test_where_nothing_of_the_first_frame_is_seen_colours_are_left(stage2):
    motion = pan(1, 1)
    unseen = FlowField(motion.displacement, "backward", np.zeros_like(motion.visible))
    made = opened(colour=1.0).render(window(1, 1), unseen, {}).frames
    assert np.array_equal(made, opened(colour=0.0).render(window(1, 1), unseen, {}).frames)


def test_windows_have_seeds_of_their_own_that_the_shots_seed_decides(stage2):
    for seed in (5, 5, 6):
        render = opened(seed)
        carry = render.render(window(1, 12), pan(1, 12), {}).carry
        render.render(window(13, 2), pan(13, 2), carry)
    seeds = [call["seed"] for call in stage2.calls]
    assert seeds[:2] == seeds[2:4]
    assert len(set(seeds)) == 4


def test_what_the_brush_does_not_paint_is_still(stage2):
    painted = np.zeros(SIZE, np.float32)
    painted[:, 36:] = 1
    opened(drawn=Drawn(brush=MotionBrush(painted))).render(window(1, 1), pan(1, 1), {})
    opened(drawn=Drawn(brush=MotionBrush(0 * painted))).render(window(1, 1), pan(1, 1), {})
    still = stage2.calls[0]["static"]
    assert still[:40, :36].all() and not still[:40, 36:72].any()
    assert stage2.calls[1]["static"] is None  # nothing painted: everything may move


def test_a_draft_by_the_embedded_renderer_is_painted_over(stage2):
    render = opened(init="embedded", strength=0.3)
    carry = render.render(window(1, 12), pan(1, 12), {}).carry
    render.render(window(13, 2), pan(13, 2), carry)
    first, second = stage2.calls
    assert first["strength"] == 0.3 and len(first["initial"]) == 13
    assert len(second["initial"]) == 1 + HELD + 2
    assert np.array_equal(second["initial"][1 : 1 + HELD], np.stack(list(second["held"].values())))


def test_motion_of_another_size_is_refused(stage2):
    small = FlowField(np.zeros((1, 2, 8, 8), np.float32), "backward", np.ones((1, 1, 8, 8), np.float32))
    with pytest.raises(RenderError, match="the motion of frame 1 does not fit"):
        opened().render(window(1, 1), small, {})


def test_loras_are_read_with_their_weights():
    assert weighted("ink:0.8, grain") == [("ink", 0.8), ("grain", 1.0)]
    with pytest.raises(UsageError, match=r"':0\.5' names no LoRA"):
        weighted(":0.5")


def test_every_step_of_sampling_can_end_the_render(stage2, monkeypatch):
    def stop():
        raise Cancelled("stopped")

    monkeypatch.setattr(stage2, "frames", lambda *_, on_step, **__: on_step(1, 25, None))
    with pytest.raises(Cancelled):
        MotionI2V().open(opened()._anchor, RenderParams.model_construct(), 0, stop).render(window(1, 1), pan(1, 1), {})


def test_out_of_memory_says_what_to_do(stage2, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(stage2, "frames", full)
    with pytest.raises(ResourceError, match="low_memory=true"):
        opened().render(window(1, 1), pan(1, 1), {})


def test_options_that_exclude_each_other_are_refused_before_any_work(monkeypatch, tmp_path):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    config = tmp_path / "motion-i2v" / "stage2" / "unet" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text("{}")
    with pytest.raises(UsageError, match="order 'released' mixes both prompts"):
        set_up("restyle-diffusion", {"order": "released", "low_memory": "true"}, 0)


def test_without_weights_a_track_is_refused_before_any_work(monkeypatch, tmp_path):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(MissingError, match="v2v models fetch motion-i2v"):
        set_up("restyle-diffusion", {}, 0)


def test_a_release_that_was_fetched_but_not_converted_says_how(monkeypatch, tmp_path):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    (tmp_path / "motion-i2v" / "models").mkdir(parents=True)
    with pytest.raises(MissingError, match="v2v models convert motion-i2v"):
        set_up("animate", {}, 0)


def test_the_converted_release_is_found_inside_the_fetched_one(monkeypatch, tmp_path):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    config = tmp_path / "motion-i2v" / "converted" / "stage2" / "unet" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text("{}")
    assert converted("motion-i2v") == tmp_path / "motion-i2v" / "converted"


def test_a_recipe_whose_weights_are_others_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    config = tmp_path / "motion-i2v" / "stage2" / "unet" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text("{}")
    known = set_up("animate", {}, 0).render_params.weights
    assert set_up("animate", {"weights": known}, 0).render_params.weights == known
    with pytest.raises(MissingError, match="are others"):
        set_up("animate", {"weights": "0" * 64}, 0)
