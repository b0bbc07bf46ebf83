import numpy as np

from v2v_studio.flow.turned import backwards, forwards
from v2v_studio.types import FlowField

H, W = 24, 32


def field(direction, *ways):
    """One entry for each way: (2, H, W), or (x, y) of all pixels."""
    every = [np.asarray(way, np.float32).reshape(2, *(np.shape(way)[1:] or (1, 1))) for way in ways]
    displacement = np.stack([np.broadcast_to(way, (2, H, W)) for way in every])
    return FlowField(displacement, direction, np.ones((len(ways), 1, H, W), np.float32))


def test_motion_that_has_the_direction_is_left_as_it_is():
    forward, backward = field("forward", (1, 0)), field("backward", (1, 0))
    assert forwards(forward) is forward
    assert backwards(backward) is backward


def test_a_shift_to_the_right_points_back_to_the_left():
    turned = backwards(field("forward", (3, -2)))
    assert turned.direction == "backward"
    assert (turned.displacement[0, 0] == -3).all() and (turned.displacement[0, 1] == 2).all()


def test_nothing_is_visible_where_nothing_lands():
    assert (backwards(field("forward", (3, 0))).visible[0, 0, 5] == [0] * 3 + [1] * (W - 3)).all()


def test_a_step_points_to_the_frame_before():
    turned = backwards(field("forward", (3, 0), (7, 1)))
    assert (turned.step[0, :, 9, 20] == (-3, 0)).all()
    assert (turned.step[1, :, 9, 20] == (-4, -1)).all()


def test_a_step_goes_on_from_the_motion_before_the_window():
    whole = backwards(field("forward", (3, 0), (7, 1)))
    later = backwards(field("forward", (7, 1)), field("forward", (3, 0)))
    assert np.array_equal(later.step[0], whole.step[1])


def test_what_comes_farther_is_in_front():
    way = np.zeros((2, H, W))
    way[0, 8:16, 4:12] = 10  # a square that lands on still ground
    turned = backwards(field("forward", way))
    assert (turned.displacement[0, 0, 8:16, 14:22] == -10).all()
    assert (turned.displacement[0, 0, 8:16, 23:] == 0).all()
    assert (turned.visible[0, 0, 8:16, 4:12] == 0).all()  # uncovered


def test_a_pixel_that_is_not_visible_has_no_say_in_where_the_reference_went():
    way = np.zeros((2, H, W))
    way[0, :, 16:] = -16  # the right half claims the left half's pixels, but is not to be believed
    visible = np.ones((1, 1, H, W), np.float32)
    visible[..., 16:] = 0
    turned = forwards(FlowField(way[None].astype(np.float32), "backward", visible))
    assert (turned.displacement == 0).all()


def test_there_and_back_a_smooth_motion_is_the_same():
    y, x = np.mgrid[:H, :W]
    zoom = np.stack([0.05 * (x - W / 2), 0.05 * (y - H / 2)])
    again = forwards(backwards(field("forward", zoom)))
    inner = np.s_[0, :, 4:-4, 4:-4]
    assert (
        np.abs(again.displacement - zoom)[inner].max() < 0.06
    )  # 0.05 a pixel, averaged over one, and 1/64 of rounding
