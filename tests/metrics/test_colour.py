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


def test_same_colours_do_not_change():
    assert colour_change(plain(0.2, 0.5, 0.7), plain(0.2, 0.5, 0.7), SEEN) == 0


def test_change_is_the_distance_of_the_two_colours():
    expected = np.linalg.norm(oklab(np.float32([0.2, 0.5, 0.7])) - oklab(np.float32([0.3, 0.5, 0.6])))
    assert colour_change(plain(0.2, 0.5, 0.7), plain(0.3, 0.5, 0.6), SEEN) == pytest.approx(expected, rel=1e-4)


def test_only_what_the_first_frame_shows_counts():
    later = plain(0.2, 0.5, 0.7)
    later[:, :, 12:] = 0
    assert colour_change(plain(0.2, 0.5, 0.7), later, SEEN * (np.arange(24) < 12)) == pytest.approx(0, abs=1e-6)


def test_texture_that_moved_by_a_pixel_is_no_change():
    stripes = plain(0.4, 0.4, 0.4) + 0.3 * (-1.0) ** np.arange(24, dtype=np.float32)
    assert colour_change(stripes, np.roll(stripes, 1, 2), SEEN) == pytest.approx(0, abs=1e-6)


def test_drift_is_what_exceeds_the_footage():
    assert colour_drift(0.02, 0.05) == pytest.approx(0.03)
    assert colour_drift(0.05, 0.02) == 0
