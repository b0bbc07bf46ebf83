from fractions import Fraction

import numpy as np
import pytest

from v2v_studio.shots.base import Cut, Transition
from v2v_studio.shots.picture import COLOURS, CUT, score_picture


def some_cut(frames=100):
    scores = np.zeros(frames, np.float32)
    scores[frames // 2] = 9
    dissolve = Transition("dissolve", 20, 30, tuple(np.linspace(0.1, 0.9, 10)))
    return Cut(frames, ((0, 20), (30, 50), (50, frames)), (dissolve,), scores, (0, 30, 50), 3.0)


def has(picture, colour):
    return bool(np.all(np.isclose(picture, np.float32(colour)[:, None, None] / 255, atol=1e-3), axis=0).any())


def test_picture_shows_cuts_and_transitions():
    picture = score_picture(some_cut(), Fraction(24))
    assert picture.shape == (3, 180, 960) and picture.dtype == np.float32
    assert has(picture, CUT) and has(picture, COLOURS["dissolve"])


@pytest.mark.parametrize("frames", [1, 2, 100_000])
def test_picture_of_any_length(frames):
    cut = Cut(frames, ((0, frames),), (), np.zeros(frames, np.float32), (0,), None)
    assert np.isfinite(score_picture(cut, Fraction(24000, 1001))).all()
