"""The style picture's look: what it takes, what it refuses, and that the frame is still there."""

import time

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.translators.style_pictures import STYLES
from v2v_studio.errors import MediaError
from v2v_studio.media.frames import write_png
from v2v_studio.translators.palette import palette_distance, to_lab
from v2v_studio.translators.reference import Reference, ReferenceParams

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def styles(tmp_path_factory):
    """The four style pictures as files."""
    folder = tmp_path_factory.mktemp("styles")
    for name, draw in STYLES.items():
        write_png(folder / f"{name}.png", draw(180, 240))
    return folder


def photograph(name, lines):
    from skimage import data

    picture = getattr(data, name)()
    width = round(picture.shape[1] * lines / picture.shape[0])
    small = cv2.resize(picture, (width, lines), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small.transpose(2, 0, 1), np.float32) / 255


def styled(frame, file, seed=0, **params):
    return Reference().translate(frame, ReferenceParams(file=file, **params), seed)


def likeness(one, other):
    """How far two pictures agree in where they are light and dark, 1 being wholly: strokes are blurred away."""
    tones = [cv2.GaussianBlur(to_lab(p)[..., 0], (0, 0), p.shape[1] / 60).ravel() for p in (one, other)]
    return np.corrcoef(*tones)[0, 1]


@pytest.mark.parametrize("style", STYLES)
def test_result_has_the_palette_of_the_style_and_is_still_the_frame(styles, style):
    frame, picture = photograph("coffee", 120), STYLES[style](180, 240)
    result = styled(frame, styles / f"{style}.png")
    assert palette_distance(result, picture) < 0.6 * palette_distance(frame, picture)
    assert likeness(result, frame) > 0.75


def test_nothing_of_it_is_the_footage(styles):
    frame = photograph("coffee", 60)
    # to Lab and back, in OpenCV's float tables
    assert np.allclose(styled(frame, styles / "glass.png", palette=0, texture=0), frame, atol=4e-3)


def test_texture_alone_keeps_the_colours(styles):
    frame = photograph("coffee", 120)
    result = to_lab(styled(frame, styles / "glass.png", palette=0, texture=1))
    tint = np.abs(result - to_lab(frame))[..., 1:].mean()
    tone = np.abs(result - to_lab(frame))[..., 0].mean()
    assert tint < 2 < tone  # what is clipped by the gamut shifts a colour a little


def test_palette_alone_keeps_every_contour(styles):
    frame = photograph("coffee", 120)
    assert likeness(styled(frame, styles / "glass.png", texture=0), frame) > 0.9


def test_half_of_it_lies_between(styles):
    frame = photograph("coffee", 60)
    none, half, full = (styled(frame, styles / "wash.png", texture=0, palette=share) for share in (0, 0.5, 1))
    assert np.abs(half - none).mean() == pytest.approx(np.abs(full - half).mean(), rel=0.2)  # even in Lab, not in RGB


def test_same_seed_gives_the_same_bytes_on_any_number_of_threads(styles):
    before, results = cv2.getNumThreads(), []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            results.append(styled(photograph("coffee", 120), styles / "strokes.png", seed=4).tobytes())
    finally:
        cv2.setNumThreads(before)
    assert results[0] == results[1]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 90), (90, 1), (5, 200)])
def test_frames_of_absurd_sizes_are_styled(styles, size):
    frame = np.full((3, *size), 0.4, np.float32)
    result = styled(frame, styles / "strokes.png")
    assert result.shape == frame.shape
    assert np.isfinite(result).all()


def test_style_picture_may_have_another_size_and_aspect(tmp_path):
    write_png(tmp_path / "tall.png", STYLES["wash"](400, 90))
    assert styled(photograph("coffee", 60), tmp_path / "tall.png").shape == (3, 60, 90)


def test_transparent_part_of_a_style_has_no_say(tmp_path):
    pixels = np.zeros((80, 100, 4), np.uint8)
    pixels[:] = (0, 255, 0, 0)  # green that nobody should see
    pixels[:, :60] = (200, 60, 40, 255)
    Image.fromarray(pixels).save(tmp_path / "part.png")
    tint = to_lab(styled(photograph("coffee", 60), tmp_path / "part.png"))[..., 1]
    assert tint.min() > 0


def test_style_that_is_transparent_everywhere_is_refused(tmp_path):
    Image.fromarray(np.zeros((80, 100, 4), np.uint8)).save(tmp_path / "none.png")
    with pytest.raises(MediaError, match=r"none\.png is transparent nearly everywhere; give a style picture"):
        styled(photograph("coffee", 60), tmp_path / "none.png")


def test_tiny_style_is_refused(tmp_path):
    write_png(tmp_path / "dot.png", np.zeros((3, 8, 60), np.float32))
    with pytest.raises(MediaError, match=r"dot\.png is 60x8; a style picture needs 16 pixels each way"):
        styled(photograph("coffee", 60), tmp_path / "dot.png")


def test_missing_style_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"none\.png does not exist"):
        styled(photograph("coffee", 60), tmp_path / "none.png")


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_480_lines_take_under_ten_seconds_of_cpu(tmp_path, style):
    write_png(tmp_path / "style.png", STYLES[style](480, 640))
    frame = photograph("coffee", 480)
    wide = cv2.resize(frame.transpose(1, 2, 0), (854, 480)).transpose(2, 0, 1)
    styled(photograph("coffee", 60), tmp_path / "style.png")  # compiled once, then kept
    before = time.process_time()
    result = styled(wide, tmp_path / "style.png")
    assert time.process_time() - before < 10
    assert likeness(result, wide) > 0.75
