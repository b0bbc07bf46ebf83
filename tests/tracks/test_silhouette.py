import numpy as np
import pytest

from v2v_studio.tracks.silhouette import aligned, depth, moved, shape_motion, still, then
from v2v_studio.warping import grid


@pytest.fixture
def plate():
    """A rectangle of 40 x 24 pixels in a picture of 80 x 100."""
    painted = np.zeros((80, 100), np.float32)
    painted[30:54, 30:70] = 1
    return painted


def turned(degrees, scale, shift, centre=(50, 42)):
    a = np.deg2rad(degrees)
    linear = scale * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return np.column_stack([linear, np.array(centre) + shift - linear @ centre])


def overlap(a, b):
    return ((a > 0.5) & (b > 0.5)).sum() / ((a > 0.5) | (b > 0.5)).sum()


def test_depth_counts_pixels_to_the_outline(plate):
    row = depth(plate > 0.5)[42]
    assert row[[29, 30, 69, 70]].tolist() == pytest.approx([-1, 1, 1, -1], abs=0.1)  # the 3x3 distance is approximate


def test_a_turn_is_read_off_the_displacements(plate):
    way = turned(4, 1.03, (3, -2))
    there = grid(80, 100) @ way[:, :2].T + way[:, 2]
    displacement = (there - grid(80, 100)).astype(np.float32)
    assert shape_motion(plate > 0.5, displacement) == pytest.approx(way, abs=1e-3)  # float32 positions


def test_a_hand_in_front_does_not_move_the_plate(plate):
    displacement = np.full((80, 100, 2), 2, np.float32)
    displacement[:, :42] = (-9, 5)
    assert shape_motion(plate > 0.5, displacement) == pytest.approx(turned(0, 1, (2, 2)), abs=1e-3)


def test_a_shape_of_a_few_pixels_stands_still():
    speck = np.zeros((20, 20), bool)
    speck[3:5, 3:5] = True
    assert np.array_equal(shape_motion(speck, np.ones((20, 20, 2), np.float32)), still())


def test_then_goes_by_the_first_and_from_there_by_the_second():
    first, second = turned(0, 1, (5, 0)), turned(90, 1, (0, 0), centre=(0, 0))
    assert then(first, second) @ [1, 0, 1] == pytest.approx([0, 6])


def test_a_shape_that_slipped_is_brought_back_onto_its_outline(plate):
    way = turned(3, 1.02, (2, 1))
    seen = moved(plate, way) > 0.5
    now = still()
    before = overlap(moved(plate, now), seen)
    for _ in range(4):
        now = aligned(now, plate, seen, near=8)
    assert before < 0.9
    assert overlap(moved(plate, now), seen) > 0.95  # the outline is whole pixels, half of it to either side


def test_what_covers_part_of_the_outline_has_no_say(plate):
    seen = plate > 0.5
    seen[:, :44] = False  # farther than `near` from the outline on the left
    now = aligned(still(), plate, seen, near=8)
    assert overlap(moved(plate, now), plate) > 0.97  # the cut's ends, near the outline, pull a third of a pixel
