"""Tone and palettes against colours one can name."""

import cv2
import numpy as np

from v2v_studio.translators.filters import colour


def halves(left, right):
    picture = np.empty((64, 64, 3), np.float32)
    picture[:, :32], picture[:, 32:] = left, right
    return picture


def test_a_palette_of_two_finds_the_two_colours():
    picture = halves([0.9, 0.1, 0.1], [0.1, 0.2, 0.8])
    found = cv2.cvtColor(colour.palette(picture, 2)[None].astype(np.float32), cv2.COLOR_LAB2RGB)[0]
    found = found[np.argsort(-found[:, 0])]
    # the seam's mixed pixels pull each mean by a few 8-bit steps
    assert np.allclose(found, [[0.9, 0.1, 0.1], [0.1, 0.2, 0.8]], atol=0.05)


def test_a_picture_in_its_palette_has_no_other_colour_away_from_borders():
    picture = halves([0.9, 0.1, 0.1], [0.1, 0.2, 0.8])
    centres = colour.palette(picture, 2)
    flat = colour.in_palette(picture, centres, border=1)
    nearest = np.linalg.norm(flat[:, :, None] - centres, axis=3).min(2)
    assert nearest[:, :24].max() < 0.01
    assert nearest[:, 40:].max() < 0.01


def test_a_palette_of_one_flat_colour_is_that_colour_again_and_again():
    centres = colour.palette(np.full((20, 20, 3), 0.5, np.float32), 5)
    assert np.allclose(centres, centres[0], atol=1e-3)


def test_levels_use_the_whole_paper():
    dim = np.tile(np.linspace(0.2, 0.6, 200, dtype=np.float32), (50, 1))
    tone = colour.levels(dim)
    assert tone.min() == 0
    assert tone.max() == 1
    assert (np.diff(tone[0]) >= 0).all()


def test_levels_leave_the_noise_of_a_black_frame_dark():
    black = np.random.default_rng(0).random((80, 80), dtype=np.float32) * 0.01
    assert colour.levels(black).max() < 0.25


def test_grading_with_nothing_asked_changes_nothing():
    picture = np.random.default_rng(0).random((20, 20, 3), dtype=np.float32)
    assert np.allclose(colour.graded(picture), picture, atol=1.5 / 255)  # to Lab and back by OpenCV's tables


def test_thicker_pigment_is_darker_and_white_paper_stays_white():
    picture = halves([1, 1, 1], [0.5, 0.6, 0.7])
    thick = colour.pigment(picture, np.full((64, 64), 1.5, np.float32))
    assert thick[0, 0].tolist() == [1, 1, 1]
    assert np.allclose(thick[0, 63], [0.5 - 0.125, 0.6 - 0.12, 0.7 - 0.105])


def test_paint_over_a_ground_hides_it_by_its_cover():
    ground = np.zeros((1, 3, 3), np.float32)
    assert colour.over(ground, colour.rgb(1, 0.5, 0), np.array([[0, 0.5, 2]]))[0].tolist() == [
        [0, 0, 0],
        [0.5, 0.25, 0],
        [1, 0.5, 0],
    ]
