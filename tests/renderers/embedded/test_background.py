"""Background revealed by a square that has moved on."""

import numpy as np

from v2v_studio.renderers.embedded.background import PRICE, background_motion, foreground_of_key, revealed

H, W = 60, 80
SEEN = np.ones((H, W), np.float32)


def square_moved(by):
    """Everything still, but a square now at x 30..50 that was `by` pixels further left."""
    displacement = np.zeros((H, W, 2), np.float32)
    displacement[20:40, 30:50, 0] = -by
    return displacement


def test_the_background_is_what_most_of_the_frame_does():
    panned = square_moved(12) + np.float32([5, 0])
    assert np.abs(background_motion(panned, SEEN) - np.float32([5, 0])).max() < 1e-3


def test_nothing_visible_gives_no_background():
    assert background_motion(square_moved(12), 0 * SEEN) is None


def test_the_foreground_is_found_where_it_was_in_the_key():
    foreground = foreground_of_key(square_moved(12), SEEN, np.zeros((H, W, 2), np.float32))
    assert foreground[20:40, 18:38].all()
    assert not foreground[:, 45:].any()


def test_a_hole_over_the_foreground_begins_outside_it():
    """The wall at x 18..30 was covered by the square, whose place in the key the tracker still reports there."""
    visible = SEEN.copy()
    visible[20:40, 18:30] = 0
    source = np.full((H, W, 3), 90, np.float32)
    found = revealed(source, source, square_moved(12), visible)
    rows, columns = np.mgrid[25:35, 20:28]
    x = np.rint(columns + found.displacement[25:35, 20:28, 0]).astype(int)
    y = np.rint(rows + found.displacement[25:35, 20:28, 1]).astype(int)
    assert not found.price[y, x].any()
    assert found.hole[30, 24] > 0.9
    assert found.price[30, 28] == PRICE


def test_without_a_foreground_nothing_changes():
    still = np.zeros((H, W, 2), np.float32)
    source = np.zeros((H, W, 3), np.float32)
    found = revealed(source, source, still, SEEN)
    assert np.array_equal(found.displacement, still)
    assert not found.price.any()
