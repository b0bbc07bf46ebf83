"""Motion as pictures."""

import numpy as np
import pytest

from v2v_studio.flow.picture import arrows, colour_wheel, warped_grid, wheel, with_legend


def motion(x, y, height=8, width=10):
    return np.tile(np.float32([x, y])[:, None, None], (1, height, width))


def test_wheel_has_the_55_hues_of_baker_et_al():
    assert wheel().shape == (55, 3)
    assert wheel()[[0, 15, 21, 25, 36, 49]].tolist() == [
        [1, 0, 0],
        [1, 1, 0],
        [0, 1, 0],
        [0, 1, 1],
        [0, 0, 1],
        [1, 0, 1],
    ]


def test_no_motion_is_white():
    assert (colour_wheel(motion(0, 0)) == 1).all()


def test_full_motion_to_the_right_is_red_and_half_of_it_pink():
    assert colour_wheel(motion(4, 0), longest=4)[:, 0, 0].tolist() == [1, 0, 0]
    assert colour_wheel(motion(2, 0), longest=4)[:, 0, 0].tolist() == [1, 0.5, 0.5]


def test_longer_motion_is_darker():
    assert colour_wheel(motion(5, 0), longest=4)[:, 0, 0].tolist() == [0.75, 0, 0]


@pytest.mark.parametrize("finish", [np.copy, with_legend])
def test_size_is_kept_and_the_legend_fits(finish):
    picture = finish(colour_wheel(motion(3, 1)))
    assert picture.shape == (3, 8, 10) and picture.dtype == np.float32
    assert picture.min() >= 0 and picture.max() <= 1


def test_legend_shows_every_hue_in_its_place():
    """Right of the wheel's centre is motion to the right: red."""
    picture = with_legend(colour_wheel(motion(0, 0, 160, 160)))
    red = (picture[0] > 0.9) & (picture[1] < 0.15) & (picture[2] < 0.15)
    assert np.nonzero(red)[1].min() > 140


def test_arrows_start_on_the_grid_and_end_where_motion_points():
    picture = arrows(np.zeros((3, 48, 48), np.float32), motion(10, 0, 48, 48), every=48)
    assert picture[:, 24, 24:34].max(0).min() > 0.2
    assert picture[:, 24, :22].max() == 0 and picture[:, 24, 37:].max() == 0


def lines(displacement, visible=1.0, every=16):
    """Where a grid line is fully drawn over a black frame."""
    h, w = displacement.shape[1:]
    frame, seen = np.zeros((3, h, w), np.float32), np.full((h, w), visible, np.float32)
    return warped_grid(frame, displacement, seen, every)[0] > 0.99


def test_a_still_grid_has_a_line_every_so_many_pixels():
    drawn = lines(motion(0, 0, 48, 48))
    assert np.nonzero(drawn[8])[0].tolist() == [0, 1, 16, 32]  # the first line is a bold one


def test_the_grid_moves_with_the_picture():
    """What shows here was 5 px further right in the reference: the picture has moved 5 px to the left."""
    assert np.nonzero(lines(motion(5, 0, 48, 48))[3])[0].tolist() == [11, 27, 43]


def test_the_grid_widens_where_the_picture_grows():
    """The picture has doubled in size about its corner: x here was x / 2 there."""
    x = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    drawn = lines(np.stack([-x / 2, -x.T / 2]))
    assert drawn[10, 32] and not drawn[10, 16] and not drawn[10, 48]


def test_no_line_is_drawn_on_what_the_reference_does_not_show():
    assert not lines(motion(0, 0, 48, 48), visible=0.0).any()
