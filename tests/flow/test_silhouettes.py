"""Motion tidied along its edges."""

import numpy as np

from v2v_studio.flow.silhouettes import edges, tidied


def half_and_half():
    """A dark half that stays and a bright half, from column 20 on, that moves 6 px; 40x40."""
    colour = np.zeros((40, 40, 3), np.uint8)
    colour[:, 20:] = 120
    displacement = np.zeros((40, 40, 2), np.float32)
    displacement[:, 20:, 0] = 6
    return colour, displacement, np.full((40, 40), 4, np.float32)


def test_edges_are_a_band_around_the_jump():
    _, displacement, _ = half_and_half()
    assert np.nonzero(edges(displacement)[20])[0].tolist() == [18, 19, 20, 21, 22]


def test_motion_that_fits_the_picture_stays():
    colour, displacement, cost = half_and_half()
    assert np.array_equal(tidied(colour, displacement, cost), displacement)


def test_a_fringe_goes_back_to_the_half_it_looks_like():
    """Two columns of the dark half were dragged along with the bright one."""
    colour, truth, cost = half_and_half()
    fringed = truth.copy()
    fringed[:, 18:20, 0] = 6
    assert np.array_equal(tidied(colour, fringed, cost), truth)


def test_dear_matches_count_little():
    """One colour all over: where the jump is, the cheap half decides."""
    colour, displacement, cost = half_and_half()
    cost[:, 20:] = 100
    assert (tidied(np.zeros_like(colour), displacement, cost)[:, 20:22, 0] == 0).all()


def test_away_from_edges_nothing_changes():
    colour, displacement, cost = half_and_half()
    displacement[..., 1] = np.linspace(0, 4, 40)  # grows by a tenth of a pixel a pixel
    tidy = tidied(colour, displacement, cost)
    assert np.array_equal(tidy[:, :18], displacement[:, :18])
    assert np.array_equal(tidy[:, 23:], displacement[:, 23:])
