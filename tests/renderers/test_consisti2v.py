"""What the renderer asks of ConsistI2V, with a model that only remembers: the networks have tests of their own."""

from typing import NamedTuple

import numpy as np
import pytest

pytest.importorskip("torch")

from v2v_studio.choices import fields
from v2v_studio.errors import RenderError, ResourceError, UsageError
from v2v_studio.flow.dis import dis_flow
from v2v_studio.models.consisti2v.frame_init import FrameInitOptions
from v2v_studio.motion.camera import Camera, CameraParams
from v2v_studio.renderers import consisti2v
from v2v_studio.renderers.consisti2v import HELD, ConsistI2V, RenderParams
from v2v_studio.types import Anchor, FlowField, FreeMotion, Window

SIZE = (40, 72)


class Sampled(NamedTuple):
    frames: np.ndarray
    latents: np.ndarray


class Recorder:
    """A model that gives back noise, and latents that say which call and which frame they are of."""

    def __init__(self):
        self.calls = []

    def frames(self, image, prompt, negative_prompt, *, frames, **given):
        self.calls.append({"image": image, "prompt": prompt, "frames": frames, **given})
        h, w = image.shape[1:]
        latents = np.zeros((frames, 4, h // 8, w // 8), np.float32)
        latents[:] = np.arange(frames)[:, None, None, None] + 100 * len(self.calls)
        for index, latent in given.get("held", {}).items():
            latents[index] = latent
        if "first" in given:
            latents[0] = given["first"]
        shades = np.linspace(0, 1, frames, dtype=np.float32)[:, None, None, None]
        return Sampled(np.broadcast_to(shades, (frames, 3, h, w)).copy(), latents)


@pytest.fixture
def model(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(consisti2v, "loaded", lambda *_: recorder)
    monkeypatch.setattr(consisti2v, "released", lambda name: name)
    return recorder


def picture(size=SIZE):
    """Grey texture, smooth enough to be followed."""
    import cv2

    blurred = cv2.GaussianBlur(np.random.default_rng(1).random(size).astype(np.float32), (0, 0), 3)
    return np.repeat(((blurred - blurred.min()) / np.ptp(blurred))[None], 3, 0)


def opened(seed=0, size=SIZE, **options):
    anchor = Anchor(picture(size), picture(size))
    return ConsistI2V().open(anchor, RenderParams.model_construct(**{"prompt": "a boat", **options}), seed)


def window(start, count, size=SIZE):
    return Window(start, np.zeros((count, 3, *size), np.float32), np.zeros((3, *size), np.float32))


def rendered(render, count, motion=lambda w: FreeMotion(len(w.frames), w.frames.shape[2:]), size=SIZE):
    """Windows of a shot of so many frames, as it is rendered."""
    made, carry = [], {}
    for start in range(1, count + 1, render.window):
        now = window(start, min(render.window, count + 1 - start), size)
        result = render.render(now, motion(now), carry)
        made.append(result)
        carry = result.carry
    return made


def camera(move, speed=1.0):
    blank = Anchor(picture(), picture())
    source = Camera().open(blank, CameraParams(camera=move, speed=speed))
    return lambda now: source.motion(now, None)


def test_anchored_windows_all_begin_with_the_shots_first_frame_and_have_no_more_than_sixteen_frames(model):
    rendered(opened(), 30)
    assert [call["frames"] for call in model.calls] == [13, 16, 10]
    assert all(np.array_equal(call["image"], model.calls[0]["image"]) for call in model.calls)
    assert "first" not in model.calls[0]
    assert [float(call["first"].mean()) for call in model.calls[1:]] == [100, 100]  # encoded once


def test_anchored_windows_hold_the_last_frames_of_the_one_before(model):
    rendered(opened(), 24)
    assert model.calls[0]["held"] == {}
    assert [float(model.calls[1]["held"][index].mean()) for index in (1, 2, 3)] == [110, 111, 112]


def test_a_short_first_window_hands_on_what_it_has(model):
    render = opened()
    carry = render.render(window(1, 2), FreeMotion(2, SIZE), {}).carry
    assert len(carry["latents"]) == 2 < HELD
    render.render(window(3, 12), FreeMotion(12, SIZE), carry)
    assert model.calls[1]["frames"] == 15


def test_autoregressive_windows_begin_with_the_last_latent_of_the_one_before(model):
    made = rendered(opened(windows="autoregressive"), 45)
    assert [call["frames"] for call in model.calls] == [16, 16, 16]  # 46 frames with the first, as released
    assert "first" not in model.calls[0]
    assert [float(call["first"].mean()) for call in model.calls[1:]] == [115, 215]
    assert not any("held" in call for call in model.calls)
    assert sum(len(one.frames) for one in made) == 45


@pytest.mark.parametrize("windows", ["anchored", "autoregressive"])
def test_the_frames_of_a_window_are_its_own(model, windows):
    last = rendered(opened(windows=windows), 24)[-1].frames
    assert last.shape[1:] == (3, *SIZE)
    assert last[-1].min() == pytest.approx(1) and last[0].max() < 0.5  # neither the first frame nor those held


@pytest.mark.parametrize("windows", ["anchored", "autoregressive"])
def test_every_window_has_a_seed_of_its_own_and_the_same_one_again(model, windows):
    rendered(opened(seed=3, windows=windows), 24)
    rendered(opened(seed=3, windows=windows), 24)
    seeds = [call["seed"] for call in model.calls]
    assert seeds[:2] == seeds[2:] and seeds[0] != seeds[1]


def test_the_shorter_side_is_256_and_that_is_undone(model):
    size = (540, 304)
    made = rendered(opened(size=size), 1, size=size)
    assert model.calls[0]["image"].shape == (3, 512, 256)  # 455 lines, padded to a multiple of 64
    assert made[0].frames.shape == (1, 3, *size)


def test_a_picture_that_is_smaller_is_not_enlarged_and_one_can_ask_for_more(model):
    rendered(opened(), 1)
    rendered(opened(shorter=512, size=(540, 304)), 1, size=(540, 304))
    assert [call["image"].shape[1:] for call in model.calls] == [(64, 128), (576, 320)]


@pytest.mark.parametrize(
    ("move", "axis", "sign"), [("pan-left", 0, -1), ("pan-right", 0, 1), ("pan-up", 1, -1), ("pan-down", 1, 1)]
)
@pytest.mark.parametrize("windows", ["anchored", "autoregressive"])
def test_the_initial_video_of_a_pan_shifts_the_way_its_name_says(model, move, axis, sign, windows):
    """By optical flow from its second frame back into the first."""
    rendered(opened(windows=windows), 12, camera(move, 0.5))
    seen = model.calls[0]["camera"][:, :, : SIZE[0], : SIZE[1]]
    assert len(seen) == model.calls[0]["frames"] == 13
    assert np.array_equal(seen[0], picture())
    found = np.median(flow(seen[4], seen[0])[8:-8, 16:-16], axis=(0, 1))
    expected = np.zeros(2)
    expected[axis] = sign * 0.5 * 0.5 * 4 / 16 * SIZE[1 - axis]
    assert found == pytest.approx(expected, abs=0.3)  # pixels, of 4.5 to the side and 2.5 down


@pytest.mark.parametrize(("move", "sign"), [("zoom-in", 1), ("zoom-out", -1)])
def test_the_initial_video_of_a_zoom_nears_the_middle_or_leaves_it(model, move, sign):
    rendered(opened(), 4, camera(move, 1))
    seen = model.calls[0]["camera"][:, :, : SIZE[0], : SIZE[1]]
    found = flow(seen[4], seen[0])
    left, right = found[10:30, 12:20, 0].mean(), found[10:30, -20:-12, 0].mean()
    assert sign * left > 1 and sign * right < -1


def flow(source, target):
    return dis_flow(*(np.uint8(255 * one.mean(0)) for one in (source, target)), "high")


def test_anchored_windows_see_the_camera_from_the_first_frame_and_on_what_they_hold(model):
    rendered(opened(), 24, camera("pan-right"))
    first, second = (call["camera"] for call in model.calls)
    assert len(second) == 16 and np.array_equal(first[0], second[0])
    assert np.array_equal(first[-HELD:], second[1 : 1 + HELD])
    assert np.abs(second[4] - second[3]).mean() < 0.6 * np.abs(second[1] - second[0]).mean()  # goes on steadily


def test_autoregressive_windows_see_the_camera_from_their_own_first_frame(model):
    made = rendered(opened(windows="autoregressive"), 30, camera("pan-right", 0.5))
    second = model.calls[1]["camera"]
    assert len(second) == 16
    assert np.allclose(second[0][:, : SIZE[0], : SIZE[1]], made[0].frames[-1])


def test_a_camera_makes_frame_init_say_more_as_in_the_paper(model):
    rendered(opened(), 1)
    rendered(opened(), 1, camera("zoom-in"))
    rendered(opened(d_s=0.3, noise_level=900), 1, camera("zoom-in"))
    assert [call["frame_init"] for call in model.calls] == [
        FrameInitOptions(850, d_s=0.25, d_t=0.25),
        FrameInitOptions(750, d_s=0.5, d_t=0.5),
        FrameInitOptions(900, d_s=0.3, d_t=0.5),
    ]


def test_frame_init_can_be_left_out_but_not_with_a_camera(model):
    rendered(opened(frame_init=False), 1)
    assert model.calls[0]["frame_init"] is None
    with pytest.raises(UsageError, match="by FrameInit"):
        rendered(opened(frame_init=False), 1, camera("zoom-in"))


def test_options_are_handed_on(model):
    given = {"stride": 5, "guidance_text": 3.0, "guidance_image": 1.5, "rescale": 0.7, "noise": "progressive"}
    rendered(opened(**given, steps=7, low_memory=True), 1)
    assert {key: model.calls[0][key] for key in given} == given
    assert model.calls[0]["steps"] == 7 and model.calls[0]["low_memory"] and model.calls[0]["prompt"] == "a boat"


def test_going_on_from_a_saved_carry_asks_the_same(model, tmp_path):
    for windows in ("anchored", "autoregressive"):
        model.calls.clear()
        render = opened(windows=windows)
        first, _ = rendered(render, 24, camera("pan-left"))
        np.savez(tmp_path / "carry.npz", **first.carry)
        with np.load(tmp_path / "carry.npz") as saved:
            now = window(render.window + 1, 24 - render.window)
            opened(windows=windows).render(now, camera("pan-left")(now), dict(saved))
        assert same(model.calls[1], model.calls[2])


def same(one, other):
    """Whether two calls are to the byte alike; what hears of steps is not looked at."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one if k != "on_step")
    return one.tobytes() == other.tobytes() if isinstance(one, np.ndarray) else one == other


@pytest.mark.parametrize(
    "motion",
    [
        FreeMotion(2, (8, 8)),
        FlowField(np.full((2, 2, *SIZE), np.nan, np.float32), "backward", np.ones((2, 1, *SIZE), np.float32)),
    ],
    ids=["another size", "not finite"],
)
def test_motion_that_does_not_fit_is_refused(model, motion):
    with pytest.raises(RenderError, match="motion of frame 1"):
        opened().render(window(1, 2), motion, {})


def test_a_full_memory_is_said_in_a_sentence(model, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(Recorder, "frames", full)
    with pytest.raises(ResourceError, match="smaller size"):
        rendered(opened(), 1)


def test_options_that_depend_on_the_camera_are_listed_with_their_range():
    listed = {row["option"]: row["range"] for row in fields("track", "animate-consisti2v")}
    assert (listed["noise_level"], listed["d_s"]) == ("1 .. 999", "0 .. 1")
    assert listed["camera"] == "none | pan-left | pan-right | pan-up | pan-down | zoom-in | zoom-out"
