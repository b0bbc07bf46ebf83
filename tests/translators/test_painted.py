"""The artist's picture: size, transparency, colour profile, and what is refused."""

import logging

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import write_png
from v2v_studio.translators.painted import Painted, PaintedParams

FOOTAGE = np.full((3, 40, 60), 0.25, np.float32)
RED = np.zeros((3, 40, 60), np.float32)
RED[0] = 1


def painted(file, footage=FOOTAGE):
    return Painted().translate(footage, PaintedParams(file=file), seed=0)


def test_a_picture_of_the_footage_s_size_is_taken_as_it_is(tmp_path):
    write_png(tmp_path / "red.png", RED)
    assert np.array_equal(painted(tmp_path / "red.png"), RED)


def test_the_footage_shows_where_the_painting_is_transparent(tmp_path):
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[:, :30] = (255, 0, 0, 255)
    pixels[:, 30:45] = (255, 0, 0, 102)  # alpha 0.4
    Image.fromarray(pixels).save(tmp_path / "part.png")
    styled = painted(tmp_path / "part.png")
    assert styled[:, 0, 0].tolist() == [1, 0, 0]
    assert np.allclose(styled[:, 0, 40], [0.4 + 0.6 * 0.25, 0.6 * 0.25, 0.6 * 0.25], atol=1e-6)  # float32 rounding
    assert styled[:, 0, 50].tolist() == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(("width", "height"), [(120, 80), (30, 20), (121, 80)])
def test_a_picture_of_the_same_aspect_is_resampled_and_said_so(tmp_path, caplog, width, height):
    write_png(tmp_path / "red.png", cv2.resize(RED.transpose(1, 2, 0), (width, height)).transpose(2, 0, 1))
    with caplog.at_level(logging.WARNING):
        styled = painted(tmp_path / "red.png")
    assert np.allclose(styled, RED, atol=1e-3)  # a resampler's weights add up to 1 within rounding
    assert f"is {width}x{height}; resampled to the footage's 60x40" in caplog.text


def test_colour_under_transparent_pixels_does_not_bleed_when_resampled(tmp_path):
    pixels = np.zeros((80, 120, 4), np.uint8)
    pixels[:] = (0, 255, 0, 0)  # green that nobody should see
    pixels[:, :59] = (255, 0, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "part.png")
    assert painted(tmp_path / "part.png")[1].max() <= 0.25


@pytest.mark.parametrize(("width", "height"), [(60, 43), (40, 60), (64, 40)])
def test_another_aspect_is_refused_with_both_sizes(tmp_path, width, height):
    write_png(tmp_path / "red.png", np.zeros((3, height, width), np.float32))
    with pytest.raises(MediaError, match=f"is {width}x{height} but the footage is 60x40.*crop or pad"):
        painted(tmp_path / "red.png")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"none\.png does not exist"):
        painted(tmp_path / "none.png")


def test_a_colour_profile_is_converted(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    image = Image.fromarray(np.full((40, 60, 3), 128, np.uint8))
    image.save(tmp_path / "srgb.png", icc_profile=lab.tobytes())
    assert np.allclose(painted(tmp_path / "srgb.png"), 128 / 255, atol=1 / 255)
