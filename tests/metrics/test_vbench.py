from fractions import Fraction

import numpy as np
import pytest

from v2v_studio.flow.dis import Dis
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.metrics.vbench import TemporalFlickering, _DynamicMeter, fastest

SIZE = (64, 32)  # a step is in motion from 6 * 32 / 256 pixels on


class Steady:
    """A flow of so many pixels to the right, wherever it is asked."""

    def __init__(self, speed):
        self.speed, self.asked = speed, 0

    def between(self, source, target):
        self.asked += 1
        return np.tile(np.float32([self.speed, 0]), (SIZE[1], SIZE[0], 1))


def dynamic(speed, frames=16, rate=8):
    flow = Steady(speed)
    meter, pair = _DynamicMeter(flow, Clip(frames, SIZE, Fraction(rate))), None
    for _ in range(frames):
        pair = Pair(np.zeros((3, *SIZE[::-1]), np.float32), None, pair, Dis())
        meter.add(pair)
    return meter.value(), flow.asked


def test_a_clip_is_dynamic_from_six_pixels_of_256_lines_on():
    assert dynamic(0.8) == (1.0, 15)
    assert dynamic(0.7) == (0.0, 15)


def test_frames_are_taken_eight_a_second():
    assert dynamic(0.8, frames=48, rate=24) == (1.0, 15)


def test_of_a_clip_with_fewer_frames_a_second_more_is_asked():
    assert dynamic(0.8, rate=4)[0] == 0.0 and dynamic(1.6, rate=4)[0] == 1.0


def test_speed_is_that_of_the_fastest_twentieth():
    field = np.zeros((10, 20, 2), np.float32)
    field[0, :5] = (3, 4)
    field[0, 5:10] = (6, 8)
    assert fastest(field) == pytest.approx(7.5)


def test_flickering_of_a_still_is_one_and_of_black_to_white_nought():
    def measured(*levels):
        meter, pair = TemporalFlickering().open(Clip(len(levels), SIZE)), None
        for level in levels:
            pair = Pair(np.full((3, 4, 4), level, np.float32), None, pair, Dis())
            meter.add(pair)
        return meter.value()

    assert measured(0.5, 0.5, 0.5) == 1
    assert measured(0, 1, 0) == 0
    assert measured(0, 51 / 255) == pytest.approx(0.8)
