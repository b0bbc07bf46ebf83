import numpy as np
import pytest

from v2v_studio.metrics.colour import colour_change, colour_drift, oklab


def plain(red, green, blue):
    return np.broadcast_to(np.float32([red, green, blue])[:, None, None], (3, 24, 24)).copy()


SEEN = np.ones((24, 24), np.float32)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((1, 1, 1), (1, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),  # the values the space is published with
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
    ],
)
def test_oklab_of_known_colours(colour, expected):
    assert oklab(np.float32(colour)) == pytest.approx(expected, abs=2e-4)


def moved(first, current, seen=SEEN):
    return colour_drift(np.zeros((3, 12, 12)), *colour_change(first, current, seen))


def test_same_colours_do_not_drift():
    assert moved(plain(0.2, 0.5, 0.7), plain(0.2, 0.5, 0.7)) == 0


def test_before_footage_that_does_not_change_drift_is_the_distance_of_the_colours():
    expected = np.linalg.norm(oklab(np.float32([0.2, 0.5, 0.7])) - oklab(np.float32([0.3, 0.5, 0.6])))
    assert moved(plain(0.2, 0.5, 0.7), plain(0.3, 0.5, 0.6)) == pytest.approx(expected, rel=1e-4)


def test_only_what_the_first_frame_shows_counts():
    later = plain(0.2, 0.5, 0.7)
    later[:, :, 12:] = 0
    assert moved(plain(0.2, 0.5, 0.7), later, SEEN * (np.arange(24) < 12)) == pytest.approx(0, abs=1e-6)


def test_texture_that_moved_by_a_pixel_is_no_drift():
    stripes = plain(0.4, 0.4, 0.4) + 0.3 * (-1.0) ** np.arange(24, dtype=np.float32)
    assert moved(stripes, np.roll(stripes, 1, 2)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("output", "drift"),
    [
        ((0.1, 0, 0), 0),  # as the footage
        ((0.05, 0, 0), 0),  # half as much
        ((0.2, 0, 0), 0),  # twice
        ((0.25, 0, 0), 0.05),  # more than twice
        ((-0.1, 0, 0), 0.1),  # the other way
        ((0.1, 0.03, 0.04), 0.05),  # the footage's, and a cast of another colour
        ((0, 0, 0), 0),  # a look that does not follow the light stays where it was
    ],
)
def test_drift_is_what_no_gain_of_the_footage_explains(output, drift):
    def everywhere(vector):
        return np.broadcast_to(np.array(vector, float)[:, None, None], (3, 12, 12))

    assert colour_drift(everywhere((0.1, 0, 0)), everywhere(output), np.ones((12, 12))) == pytest.approx(drift)
