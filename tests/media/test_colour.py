from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from v2v_studio.media.colour import MATRICES, is_full_range, to_rgb
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader


def slow_rgb(y, cb, cr, depth, matrix, full):
    """H.273 equations 33 to 45 for one pixel, in double precision."""
    k_red, k_blue = MATRICES[matrix]
    step = 2 ** (depth - 8)
    if full:
        y, cb, cr = y / (2**depth - 1), (cb - 128 * step) / (2**depth - 1), (cr - 128 * step) / (2**depth - 1)
    else:
        y, cb, cr = (y - 16 * step) / (219 * step), (cb - 128 * step) / (224 * step), (cr - 128 * step) / (224 * step)
    red, blue = y + 2 * (1 - k_red) * cr, y + 2 * (1 - k_blue) * cb
    green = (y - k_red * red - k_blue * blue) / (1 - k_red - k_blue)
    return np.clip([red, green, blue], 0, 1)


def flat_frame(pixel_format, codes, depth, width=34, height=18):
    frame = av.VideoFrame(width, height, pixel_format)
    for plane, code in zip(frame.planes, codes, strict=True):
        dtype = np.uint8 if depth == 8 else np.uint16
        plane.update(np.full(plane.buffer_size // np.dtype(dtype).itemsize, code, dtype))
    return frame


FORMATS = [
    ("yuv420p", 8),
    ("yuv422p", 8),
    ("yuv444p", 8),
    ("yuv420p10le", 10),
    ("yuv422p10le", 10),
    ("yuv444p12le", 12),
]


@pytest.mark.parametrize(("pixel_format", "depth"), FORMATS)
@pytest.mark.parametrize("matrix", sorted(MATRICES))
@pytest.mark.parametrize("full", [False, True])
def test_patches_become_the_colours_of_the_standard(pixel_format, depth, matrix, full):
    rng = np.random.default_rng(1)
    black_white_grey = [(16, 128, 128), (235, 128, 128), (126, 128, 128), (0, 128, 128), (255, 128, 128)]
    for codes in [*black_white_grey, *rng.integers(0, 256, (12, 3))]:
        codes = np.asarray(codes) * 2 ** (depth - 8)
        rgb = to_rgb(flat_frame(pixel_format, codes, depth), matrix, full)
        expected = slow_rgb(*codes, depth, matrix, full)
        # float32 rounding of three products; an 8-bit step is 4e-3
        assert np.abs(rgb - expected[:, None, None]).max() < 2e-6


def test_ten_bit_steps_stay_distinct():
    levels = [
        float(to_rgb(flat_frame("yuv420p10le", (y, 512, 512), 10), "bt709", False).mean()) for y in range(400, 404)
    ]
    assert np.diff(levels) == pytest.approx([1 / 876] * 3, abs=1e-6)  # 876 codes from black to white


@pytest.mark.parametrize("full", [False, True])
def test_grey_formats_follow_their_range(full):
    frame = flat_frame("gray", (235,), 8)
    assert to_rgb(frame, "bt709", full).mean() == pytest.approx(235 / 255 if full else 1, abs=1e-6)


def test_rgb_passes_unchanged():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    rgb = to_rgb(av.VideoFrame.from_ndarray(pixels, format="rgb24"), "rgb", True)
    assert np.array_equal(rgb, pixels.transpose(2, 0, 1) / np.float32(255))


def test_transparent_rgb_is_laid_over_black():
    pixels = np.uint8([[[255, 0, 51, 51], [255, 255, 255, 255]]])
    rgb = to_rgb(av.VideoFrame.from_ndarray(pixels, format="rgba"), "rgb", True)
    assert rgb[:, 0].T.ravel() == pytest.approx([0.2, 0, 0.04, 1, 1, 1])


@pytest.mark.parametrize(
    ("name", "tag", "full"), [("yuv420p", 0, False), ("yuv420p", 2, True), ("yuvj420p", 0, True), ("rgb24", 0, True)]
)
def test_range_comes_from_the_tag_or_the_format(name, tag, full):
    assert is_full_range(av.VideoFormat(name), tag) is full


def test_full_range_film_is_read_without_a_shift(shared: Path):
    """OpenCV's own decoder as the second opinion: same mean brightness within a code."""
    path = shared / "footage/awkward/gray_fullrange.mp4"
    ours = next(open_reader(path, probe(path)).frames())
    _, theirs = cv2.VideoCapture(str(path)).read()
    assert ours.mean() * 255 == pytest.approx(theirs.mean(), abs=1)
