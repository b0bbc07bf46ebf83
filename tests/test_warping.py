"""Warping against double loops, and against pictures one can imagine."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.warping import backward_warp, compose, grid, inside, inverse, pixels, planes, resized, visible_mask


def shift(x, y, height=12, width=16):
    return np.tile(np.float32([x, y]), (height, width, 1))


def slow_linear_warp(image, displacement):
    """Bilinear sampling, pixel by pixel; outside, the nearest pixel of the border."""
    h, w = image.shape
    out = np.zeros(displacement.shape[:2], np.float32)
    for y, x in np.ndindex(out.shape):
        u, v = x + displacement[y, x, 0], y + displacement[y, x, 1]
        left, top = int(np.floor(u)), int(np.floor(v))
        for row, column in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
            weight = (1 - abs(u - column)) * (1 - abs(v - row))
            out[y, x] += weight * image[min(max(row, 0), h - 1), min(max(column, 0), w - 1)]
    return out


def test_grid_holds_x_then_y():
    assert grid(2, 3).tolist() == [[[0, 0], [1, 0], [2, 0]], [[0, 1], [1, 1], [2, 1]]]


def test_grid_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        grid(2, 3)[0, 0] = 7


def test_planes_undoes_pixels():
    frame = np.arange(24, dtype=np.float32).reshape(3, 2, 4)
    assert np.array_equal(planes(pixels(frame)), frame)


def test_warp_agrees_with_a_double_loop():
    rng = np.random.default_rng(1)
    image = rng.random((12, 16), np.float32)
    displacement = rng.uniform(-5, 5, (12, 16, 2)).astype(np.float32)
    # OpenCV places samples to a 32nd of a pixel: half of that, twice, times a step of at most 1
    assert np.abs(backward_warp(image, displacement) - slow_linear_warp(image, displacement)).max() < 1 / 32


def test_positive_x_reads_from_the_right_and_positive_y_from_below():
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    moved = backward_warp(image, shift(1, 1, 3, 4))
    assert moved[:2, :3].tolist() == image[1:, 1:].tolist()


def test_result_has_the_size_of_the_displacement():
    assert backward_warp(np.zeros((5, 7, 3), np.uint8), shift(0, 0, 9, 4)).shape == (9, 4, 3)


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
def test_no_displacement_changes_nothing(interpolation):
    image = np.random.default_rng(2).random((6, 5, 3), np.float32)
    assert np.allclose(backward_warp(image, shift(0, 0, 6, 5), interpolation), image, atol=1e-6)  # rounding of weights


def test_border_is_as_asked():
    image = np.float32([[1, 2, 3, 4]])
    left = shift(-2, 0, 1, 4)
    assert backward_warp(image, left, border=cv2.BORDER_REPLICATE)[0].tolist() == [1, 1, 1, 2]
    assert backward_warp(image, left, border=cv2.BORDER_REFLECT_101)[0].tolist() == [3, 2, 1, 2]


@given(a=st.tuples(*[st.integers(-64, 64)] * 2), b=st.tuples(*[st.integers(-64, 64)] * 2))
def test_shifts_compose_to_their_sum(a, b):
    a, b = np.float32(a) / 16, np.float32(b) / 16
    assert np.array_equal(compose(shift(*a), shift(*b)), shift(*(a + b)))


def test_composition_goes_the_first_way_first():
    first = shift(4, 0)
    second = grid(12, 16) * np.float32([0.5, 0])  # twice as far from the left edge, half as much more
    assert compose(first, second)[0, 2].tolist() == [4 + 0.5 * (2 + 4), 0]


def test_still_pixels_are_visible():
    assert visible_mask(shift(0, 0), shift(0, 0)).all()


def test_a_shifted_picture_is_visible_but_for_what_entered():
    """The camera moves 3 px to the left: the picture moves 3 px to the right and 3 columns are new."""
    visible = visible_mask(forward=shift(3, 0), backward=shift(-3, 0))
    assert not visible[:, :3].any()
    assert visible[:, 3:].all()


def test_what_an_object_uncovers_is_not_visible():
    """A block of the reference, columns 4 to 8, moves 4 to the right over a still ground."""
    forward, backward = shift(0, 0), shift(0, 0)
    forward[:, 4:8, 0] = 4
    backward[:, 8:12, 0] = -4
    visible = visible_mask(forward, backward)
    assert not visible[:, 4:8].any()
    assert visible[:, :4].all() and visible[:, 8:].all()


def test_fields_of_different_size_are_refused():
    with pytest.raises(ValueError, match="one size"):
        visible_mask(shift(0, 0, 4, 4), shift(0, 0, 4, 5))


@given(x=st.integers(-20, 20), margin=st.integers(0, 3))
def test_inside_counts_pixel_centres(x, margin):
    ends = np.arange(16) + x
    expected = (ends >= -margin) & (ends <= 15 + margin)
    assert np.array_equal(inside(shift(x, 0), margin)[0], expected)


def test_resized_scales_values_and_grid():
    assert np.array_equal(resized(shift(3, 1, 4, 6), (8, 18)), shift(9, 2, 8, 18))


def test_resized_to_its_own_size_is_itself():
    field = np.random.default_rng(0).random((4, 6, 2), np.float32)
    assert resized(field, (4, 6)) is field


def test_the_inverse_of_a_shift_points_back_wherever_something_lands():
    back, landed = inverse(shift(3, -2), np.ones((12, 16), np.float32))
    assert np.array_equal(back, shift(-3, 2))  # where nothing lands, as at the nearest pixel where something does
    assert np.array_equal(landed, np.pad(np.ones((10, 13), np.float32), ((0, 2), (3, 0))))


def test_the_inverse_is_each_pixels_way_back_shared_among_the_four_it_lands_between():
    rng = np.random.default_rng(0)
    field, weight = rng.normal(0, 2, (7, 9, 2)).astype(np.float32), rng.random((7, 9)).astype(np.float32)
    sums, total = np.zeros((7, 9, 2)), np.zeros((7, 9))
    for y in range(7):
        for x in range(9):
            to_x, to_y = x + field[y, x, 0], y + field[y, x, 1]
            for at_y in range(7):
                for at_x in range(9):
                    share = max(0, 1 - abs(to_x - at_x)) * max(0, 1 - abs(to_y - at_y)) * weight[y, x]
                    sums[at_y, at_x] -= share * field[y, x]
                    total[at_y, at_x] += share
    back, landed = inverse(field, weight)
    sure = total > 0.1  # less, and the nearest pixel's is taken
    assert np.allclose(back[sure], (sums / np.maximum(total, 1e-9)[..., None])[sure], atol=1e-4)  # floats of 4 bytes
    assert np.allclose(landed, np.minimum(total, 1), atol=1e-5)


def test_of_two_pixels_that_meet_the_one_of_more_weight_says_where_it_came_from():
    field, weight = shift(0, 0), np.ones((12, 16), np.float32)
    field[4:8, 2:6, 0], weight[4:8, 2:6] = 6, 1e4
    back, _ = inverse(field, weight)
    assert np.allclose(back[4:8, 8:12, 0], -6, atol=1e-2)  # the other has a ten thousandth
