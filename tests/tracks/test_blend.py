"""Blending: the nearer and the better seen first frame counts more, and two drawings never lie over each other."""

import numpy as np
import pytest

from v2v_studio.tracks.blend import COLOURS, mixed, share_of_later, sources

SURE, UNSURE = np.ones((32, 32), np.float32), np.zeros((32, 32), np.float32)


def grey(value: float) -> np.ndarray:
    return np.full((3, 32, 32), value, np.float32)


def test_halfway_between_two_that_agree_both_count_the_same():
    assert share_of_later(grey(0.5), grey(0.5), SURE, SURE, 0.5) == pytest.approx(0.5)


@pytest.mark.parametrize("along", [0.1, 0.3, 0.7, 0.9])
def test_where_they_agree_the_share_is_the_place_in_time(along):
    assert share_of_later(grey(0.5), grey(0.51), SURE, SURE, along) == pytest.approx(along, abs=1e-6)


def test_where_they_disagree_the_nearer_stands_alone():
    assert share_of_later(grey(0.2), grey(0.8), SURE, SURE, 0.3) == pytest.approx(0)
    assert share_of_later(grey(0.2), grey(0.8), SURE, SURE, 0.7) == pytest.approx(1)


def test_what_only_one_of_them_shows_comes_from_that_one():
    assert share_of_later(grey(0.2), grey(0.8), UNSURE, SURE, 0.05).min() > 0.95
    assert share_of_later(grey(0.2), grey(0.8), SURE, UNSURE, 0.95).max() < 0.05


def test_what_neither_shows_is_shared_by_time():
    assert share_of_later(grey(0.5), grey(0.5), UNSURE, UNSURE, 0.25) == pytest.approx(0.25)


def test_the_share_never_falls_as_time_goes_on():
    rng = np.random.default_rng(0)
    one, two = rng.random((2, 3, 32, 32), np.float32)
    seen = rng.random((2, 32, 32), np.float32)
    shares = [share_of_later(one, two, *seen, along) for along in np.linspace(0.05, 0.95, 19)]
    assert (np.diff(shares, axis=0) >= 0).all()


def test_mixed_is_the_one_or_the_other_at_the_ends():
    assert np.array_equal(mixed(grey(0.25), grey(0.75), UNSURE), grey(0.25))
    assert np.array_equal(mixed(grey(0.25), grey(0.75), SURE), grey(0.75))


def test_sources_are_coloured_by_first_frame_and_dark_where_nothing_was_seen():
    assert np.allclose(sources(0, 1, UNSURE, SURE)[:, 5, 5], COLOURS[0])
    assert np.allclose(sources(0, 1, SURE, SURE)[:, 5, 5], COLOURS[1])
    assert np.allclose(sources(0, 1, SURE, UNSURE)[:, 5, 5], COLOURS[1] / 4)


def test_sources_of_a_large_frame_are_small():
    plane = np.zeros((480, 854), np.float32)
    assert sources(0, 0, plane, plane).shape == (3, 160, 285)
