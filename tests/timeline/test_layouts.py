from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.timeline.layouts import GAIN, GAP, Captions, composited

SIZE = (40, 480)  # height, width
RED, BLUE = (np.broadcast_to(np.eye(3, dtype=np.float32)[c][:, None, None], (3, *SIZE)) for c in (0, 2))
FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)


def nothing(index):
    return Captions("", "", "")


def level(value):
    """A flat frame of one 8-bit level."""
    return np.full((3, 2, 4), value / 255, np.float32)


def test_side_by_side_shows_both_whole_with_a_gap():
    (shown,) = composited([(RED, BLUE)], 1, FILM, "side", nothing)
    assert np.array_equal(shown[:, :40, :480], RED)
    assert np.array_equal(shown[:, :40, 480 + GAP :], BLUE)


def test_single_pair_is_wiped_in_the_middle():
    (shown,) = composited([(RED, BLUE)], 1, FILM, "wipe", nothing)
    assert np.array_equal(shown[:, :40, :239], RED[:, :, :239])
    assert (shown[:, :40, 239:241] == 1).all()
    assert np.array_equal(shown[:, :40, 241:], BLUE[:, :, 241:])


def test_wipe_moves_right_then_left_and_comes_back():
    shown = list(composited([(RED, BLUE)] * 96, 96, Fraction(24), "wipe", nothing))
    reds = [int((frame[0, 0] == 1).sum()) for frame in shown]
    assert reds[23] == max(reds) and reds[71] == min(reds)  # the turns, after one and three seconds
    assert (
        abs(reds[0] - reds[-1]) < 2 * np.pi * 480 / 96
    )  # the edge's fastest step: half the width times 2 pi / 96, twice


def test_difference_is_absolute_and_enlarged():
    (shown,) = composited([(level(100), level(110))], 1, FILM, "difference", nothing)
    (other,) = composited([(level(110), level(100))], 1, FILM, "difference", nothing)
    assert np.array_equal(shown[:, :2], level(10 * GAIN)) and np.array_equal(other[:, :2], level(10 * GAIN))


def test_difference_that_is_too_large_to_show_is_white():
    (shown,) = composited([(level(0), level(200))], 1, FILM, "difference", nothing)
    assert (shown[:, :2] == 1).all()


def test_captions_stand_in_a_band_below():
    def named(index):
        return Captions("source", "1001", "sh010 t001")

    (empty,) = composited([(RED, BLUE)], 1, FILM, "wipe", nothing)
    (shown,) = composited([(RED, BLUE)], 1, FILM, "wipe", named)
    assert np.array_equal(shown[:, :40], empty[:, :40])
    written = (shown[:, 40:] != empty[:, 40:]).any((0, 1))
    assert written[:120].any() and written[200:280].any() and written[-120:].any()
    assert not written[140:200].any()


def test_narrow_pictures_have_the_middle_caption_on_a_line_of_its_own():
    def named(index):
        return Captions("", "1048 > 0994  00:00:05:23", "")

    (empty,), (shown,) = (composited([(level(0), level(0))], 1, FILM, "wipe", say) for say in (nothing, named))
    rows = np.flatnonzero((shown != empty).any((0, 2)))
    assert rows.min() >= 2 + (shown.shape[1] - 2) // 2 - 1


@pytest.mark.parametrize("layout", ["side", "wipe", "difference"])
def test_sides_stay_even_for_the_encoder(layout):
    (shown,) = composited([(RED, BLUE)], 1, FILM, layout, nothing)
    assert shown.shape[1] % 2 == shown.shape[2] % 2 == 0


@pytest.mark.parametrize("rate", [FILM, NTSC, Fraction(25), Fraction(60000, 1001)])
def test_every_frame_is_shown_once_and_under_its_own_caption(rate):
    """The trap of asking moviepy at index / rate: it repeats frames, or skips them."""
    asked = []

    def note(index):
        asked.append(index)
        return Captions("", "", "")

    count = 200
    pairs = ((level(i), level(i)) for i in range(count))
    shown = [round(255 * float(frame[0, 0, 0])) for frame in composited(pairs, count, rate, "side", note)]
    assert shown == list(range(count))
    assert asked[-count:] == list(range(count))  # before it, moviepy asks for the size


@given(st.integers(0, 10**7), st.sampled_from([FILM, NTSC, Fraction(60000, 1001), Fraction(1, 3)]))
def test_middle_of_a_frame_leads_back_to_it_however_late(index, rate):
    assert floor(float((index + Fraction(1, 2)) / rate) * rate) == index


def test_only_the_frame_that_is_shown_is_held():
    taken = []

    def pairs():
        for i in range(10):
            taken.append(i)
            yield level(i), level(i)

    shown = composited(pairs(), 10, FILM, "side", nothing)
    for index in range(10):
        next(shown)
        assert taken[-1] == index
