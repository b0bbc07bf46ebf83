"""What every image translator and every preset keeps: size, range, determinism, an untouched input; progress and a stop."""

import cv2
import numpy as np
import pytest

from v2v_studio.errors import Cancelled
from v2v_studio.media.frames import write_png
from v2v_studio.translators.base import TRANSLATORS
from v2v_studio.translators.filters import PRESETS, FilterParams, Filters, options


def scene(h, w):
    """A sky over a field, a red ball with a highlight and a shadow, a post: (3, h, w) in [0, 1]."""
    y, x = np.indices((h, w), dtype=np.float32)
    y, x = (y + 0.5) / h, (x + 0.5) / w
    image = np.where(
        y < 0.55,
        np.stack([0.5 + 0.3 * y, 0.7 + 0.2 * y, 0.95 - 0 * y]),
        np.stack([0.35 + 0 * y, 0.6 - 0.3 * (y - 0.55), 0.2 + 0 * y]),
    )
    image = np.where((y - 0.75) ** 2 * 6 + (x - 0.45) ** 2 < 0.02, image * 0.5, image)
    ball = (y - 0.55) ** 2 + (x - 0.4) ** 2 * w / h < 0.03
    image = np.where(ball, np.stack([0.9 - 0.5 * x, 0.15 + 0.3 * (0.6 - y), 0.1 + 0 * y]), image)
    image = np.where((y - 0.45) ** 2 + (x - 0.36) ** 2 * w / h < 0.002, 1, image)
    return np.where((np.abs(x - 0.8) < 0.02) & (y > 0.2), 0.1, image).astype(np.float32)


FRAMES = {
    "small": scene(90, 160),
    "odd": scene(71, 127),
    "tiny": scene(16, 16),
    "portrait": scene(128, 72),
    "grey": np.repeat(scene(64, 64).mean(0, keepdims=True), 3, axis=0),
    "black": np.zeros((3, 40, 64), np.float32),
    "white": np.ones((3, 40, 64), np.float32),
}


TOYS = {  # of those that need weights: options that name toy checkpoints
    "controlnet": {"model": "stable_diffusion", "controls": "controlnet", "prompt": "a boat"},
    "img2img": {"model": "stable_diffusion"},
    "instruct": {"model": "instruct_pix2pix", "prompt": "make it night"},
    "text2img": {"model": "stable_diffusion", "prompt": "a boat"},
}
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in TOYS else name for name in TRANSLATORS.names()]


@pytest.fixture(scope="module")
def studio(toy):
    """A translator's name -> one of its kind, used for many frames as the studio uses it."""
    made = {}

    def get(name):
        return made.setdefault(name, TRANSLATORS.load(name)())

    return get


def params_of(name, frame, folder, toy):
    """Parameters that a translator can run with; one that needs a file gets a painting of the frame's size."""
    model = TRANSLATORS.load(name).Params
    if name in TOYS:
        given = {**TOYS[name], "model": str(toy(TOYS[name]["model"])), "steps": 2, "device": "cpu"}
        if "controls" in given:
            given["controls"] = f"canny={toy('controlnet-1')}:0.8, tile={toy('controlnet-2')}:0.3"
        return model(**given)
    if "file" in model.model_fields:
        write_png(folder / "painting.png", 1 - frame)
        return model(file=folder / "painting.png")
    return model()


def kept(frame, styled):
    assert styled.shape == frame.shape
    assert styled.dtype == np.float32
    assert np.isfinite(styled).all()
    assert styled.min() >= 0
    assert styled.max() <= 1


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", NAMES)
def test_a_translator_keeps_size_and_range(name, frame, tmp_path, toy, studio):
    image = FRAMES[frame]
    kept(image, studio(name).translate(image, params_of(name, image, tmp_path, toy), seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(239, 427), (427, 240)])
@pytest.mark.parametrize("name", TOYS)
def test_a_model_keeps_video_sizes(name, size, tmp_path, toy, studio):
    kept(scene(*size), studio(name).translate(scene(*size), params_of(name, scene(*size), tmp_path, toy), seed=1))


@pytest.mark.parametrize("name", NAMES)
def test_a_translator_repeats_itself_and_leaves_its_input_alone(name, tmp_path, toy, studio):
    image = FRAMES["small"].copy()
    params = params_of(name, image, tmp_path, toy)
    used, fresh = studio(name), TRANSLATORS.load(name)()
    used.translate(FRAMES["odd"], params_of(name, FRAMES["odd"], tmp_path, toy), seed=3)
    params_of(name, image, tmp_path, toy)
    first, again = (translator.translate(image, params, seed=7) for translator in (used, fresh))
    assert first.tobytes() == again.tobytes()
    assert np.array_equal(image, FRAMES["small"])


@pytest.mark.parametrize("name", NAMES)
def test_a_translator_tells_of_its_steps_up_to_the_last(name, tmp_path, toy, studio):
    told = []
    params = params_of(name, FRAMES["tiny"], tmp_path, toy)
    studio(name).translate(FRAMES["tiny"], params, seed=1, on_step=lambda done, steps: told.append((done, steps)))
    assert told
    assert [done for done, _ in told] == list(range(1, told[-1][1] + 1))
    assert len({steps for _, steps in told}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_translator_that_is_stopped_can_be_used_again(name, tmp_path, toy, studio):
    def stop(done, steps):
        raise Cancelled("stopped")

    params = params_of(name, FRAMES["tiny"], tmp_path, toy)
    before = studio(name).translate(FRAMES["tiny"], params, seed=1)
    with pytest.raises(Cancelled):
        studio(name).translate(FRAMES["tiny"], params, seed=1, on_step=stop)
    assert studio(name).translate(FRAMES["tiny"], params, seed=1).tobytes() == before.tobytes()


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_keeps_size_and_range(preset, frame):
    kept(FRAMES[frame], Filters().translate(FRAMES[frame], FilterParams(preset=preset), seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(239, 427), (427, 239), (240, 240)])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_keeps_size_and_range_at_video_sizes(preset, size):
    kept(scene(*size), Filters().translate(scene(*size), FilterParams(preset=preset), seed=1))


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 90), (90, 1), (5, 400)])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_keeps_size_and_range_at_absurd_sizes(preset, size):
    kept(scene(*size), Filters().translate(scene(*size), FilterParams(preset=preset), seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_gives_the_same_bytes_on_any_number_of_threads(preset):
    before = cv2.getNumThreads()
    styled = []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            styled.append(Filters().translate(FRAMES["odd"], FilterParams(preset=preset), seed=2).tobytes())
    finally:
        cv2.setNumThreads(before)
    assert styled[0] == styled[1]


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_every_parameter_may_go_to_its_ends(preset):
    image = scene(112, 112)
    plain = Filters().translate(image, FilterParams(preset=preset), seed=1)
    for name in options(preset):
        ends = (2, 32) if name in ("colours", "tones") else (0, 1)
        low, high = (Filters().translate(image, FilterParams(preset=preset, **{name: end}), seed=1) for end in ends)
        kept(image, low)
        kept(image, high)
        assert np.abs(low - high).mean() > 1e-4, f"{name} changes nothing"
        assert np.abs(plain - low).max() > 0 or np.abs(plain - high).max() > 0


def test_every_preset_is_seen_and_no_two_look_alike():
    looks = {"footage": FRAMES["small"]}
    for preset in PRESETS:
        looks[preset] = Filters().translate(FRAMES["small"], FilterParams(preset=preset), seed=1)
    for one in looks:
        for other in looks:
            if one < other:
                # a just visible difference between two flat colours is about 0.01
                assert np.abs(looks[one] - looks[other]).mean() > 0.02, f"{one} and {other} look alike"
