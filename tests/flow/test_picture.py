"""Motion as pictures."""

import numpy as np
import pytest

from v2v_studio.flow.picture import arrows, colour_wheel, wheel


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


@pytest.mark.parametrize("legend", [False, True])
def test_size_is_kept_and_the_legend_fits(legend):
    picture = colour_wheel(motion(3, 1), legend=legend)
    assert picture.shape == (3, 8, 10) and picture.dtype == np.float32
    assert picture.min() >= 0 and picture.max() <= 1


def test_legend_shows_every_hue_in_its_place():
    """Right of the wheel's centre is motion to the right: red."""
    picture = colour_wheel(motion(0, 0, 160, 160), legend=True)
    red = (picture[0] > 0.9) & (picture[1] < 0.15) & (picture[2] < 0.15)
    assert np.nonzero(red)[1].min() > 140


def test_arrows_start_on_the_grid_and_end_where_motion_points():
    picture = arrows(np.zeros((3, 48, 48), np.float32), motion(10, 0, 48, 48), every=48)
    assert picture[:, 24, 24:34].max(0).min() > 0.2
    assert picture[:, 24, :22].max() == 0 and picture[:, 24, 37:].max() == 0
