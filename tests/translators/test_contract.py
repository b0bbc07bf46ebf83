"""What every image translator and every preset keeps: size, range, determinism, an untouched input."""

import cv2
import numpy as np
import pytest

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


def params_of(name, frame, folder):
    """Parameters that a translator can run with; one that needs a file gets a painting of the frame's size."""
    model = TRANSLATORS.load(name).Params
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
@pytest.mark.parametrize("name", TRANSLATORS.names())
def test_a_translator_keeps_size_and_range(name, frame, tmp_path):
    image = FRAMES[frame]
    kept(image, TRANSLATORS.load(name)().translate(image, params_of(name, image, tmp_path), seed=1))


@pytest.mark.parametrize("name", TRANSLATORS.names())
def test_a_translator_repeats_itself_and_leaves_its_input_alone(name, tmp_path):
    image = FRAMES["small"].copy()
    params = params_of(name, image, tmp_path)
    first, again = (TRANSLATORS.load(name)().translate(image, params, seed=7) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert np.array_equal(image, FRAMES["small"])


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
