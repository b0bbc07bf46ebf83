"""Drags and brushes on a canvas of 16 x 12 pixels."""

import numpy as np
import pytest

from v2v_studio.motion.rasterise import rasterise, resampled
from v2v_studio.types import MotionBrush, Trajectory

SIZE = (12, 16)
RIGHT = Trajectory(((4, 6), (8, 6)))  # four pixels, a quarter of the width


def painted(rows, columns, size=SIZE):
    alpha = np.zeros(size, np.float32)
    alpha[rows, columns] = 1
    return MotionBrush(alpha)


def test_nothing_given_is_nothing_known():
    made = rasterise([], None, SIZE, frames=4)
    assert made.flow01.shape == (3, 2, *SIZE)
    assert made.known.shape == (3, 1, *SIZE)
    assert (made.flow01 == 0.5).all()
    assert not made.known.any()
    assert not made.still.any()


def test_a_drag_is_known_in_the_square_around_its_start_which_stays():
    made = rasterise([RIGHT], None, SIZE, unit=2, frames=5)
    square = np.zeros(SIZE, bool)
    square[4:8, 2:6] = True
    assert (made.known[:, 0] == square).all()
    assert (made.flow01[:, :, ~square] == 0.5).all()


def test_a_drag_says_how_far_each_frame_is_from_the_first():
    made = rasterise([RIGHT], None, SIZE, unit=2, frames=5)
    x, y = (made.flow01[:, channel, 6, 4] * 2 - 1 for channel in (0, 1))
    np.testing.assert_allclose(x * 16, [1, 2, 3, 4])
    np.testing.assert_allclose(y, 0)


def test_the_square_ends_at_the_edge():
    made = rasterise([Trajectory(((1, 11), (5, 5)))], None, SIZE, unit=3, frames=2)
    rows, columns = np.nonzero(made.known[0, 0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 11, 0, 3)


def test_a_start_beyond_the_edge_marks_nothing_on_the_other_side():
    made = rasterise([Trajectory(((-9, -9), (5, 5)))], None, SIZE, unit=3, frames=2)
    assert not made.known.any()


def test_a_start_between_pixels_is_cut_not_rounded():
    made = rasterise([Trajectory(((4.9, 6.9), (8, 6)))], None, SIZE, unit=1, frames=2)
    assert np.argwhere(made.known[0, 0]).tolist() == [[5, 3], [5, 4], [6, 3], [6, 4]]


def test_a_later_drag_overwrites_an_earlier_one():
    made = rasterise([RIGHT, Trajectory(((5, 6), (5, 9)))], None, SIZE, unit=2, frames=2)
    assert made.flow01[0, 0, 6, 2] > 0.5  # the first alone
    assert made.flow01[0, 0, 6, 4] == 0.5  # both: the second goes down, not right


def test_a_single_point_goes_one_pixel_right_and_down():
    path = resampled(Trajectory(((3, 5),)), 3)
    assert path.tolist() == [[3, 5], [3.5, 5.5], [4, 6]]


def test_a_path_never_overshoots_its_points():
    path = resampled(Trajectory(((0, 0), (10, 0), (10, 10))), 21)
    assert path[:, 0].max() == 10
    assert (np.diff(path[:, 0]) >= 0).all()


def test_what_is_not_painted_is_known_to_be_still():
    made = rasterise([], painted(slice(0, 6), slice(0, 8)), SIZE, frames=3)
    assert made.still.sum() == 12 * 16 - 6 * 8
    assert made.still[0, 0] == 0
    assert (made.known[:, 0] == made.still).all()
    assert (made.flow01 == 0.5).all()


def test_a_drag_outside_the_painted_part_does_not_move():
    made = rasterise([RIGHT], painted(slice(0, 12), slice(0, 4)), SIZE, unit=2, frames=2)
    assert made.flow01[0, 0, 6, 3] > 0.5
    assert made.flow01[0, 0, 6, 4] == 0.5


def test_an_empty_brush_lets_everything_move():
    made = rasterise([RIGHT], MotionBrush(np.zeros(SIZE, np.float32)), SIZE, frames=2)
    assert not made.still.any()


@pytest.mark.parametrize(("alpha", "movable"), [(127 / 255, False), (128 / 255, True)])
def test_paint_counts_from_one_half(alpha, movable):
    brush = painted(slice(0, 1), slice(0, 1))
    brush.painted[8, 8] = alpha
    assert (rasterise([], brush, SIZE, frames=2).still[8, 8] == 0) == movable


def test_a_brush_of_another_size_is_scaled():
    made = rasterise([], painted(slice(0, 12), slice(0, 16), size=(24, 32)), SIZE, frames=2)
    assert (made.still == 0).sum() == 6 * 8
    assert made.still[:6, :8].sum() == 0


def test_the_mask_at_latents_is_every_eighth_pixel():
    made = rasterise([Trajectory(((8, 8), (9, 9)))], None, (16, 24), unit=4, frames=2)
    assert made.known_at_latents.shape == (1, 1, 2, 3)
    assert made.known_at_latents[0, 0].tolist() == [[0, 0, 0], [0, 1, 0]]
