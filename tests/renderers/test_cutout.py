"""Pieces of a first frame moved along boxes."""

import numpy as np
import pytest

from v2v_studio.renderers.cutout import Cutout
from v2v_studio.renderers.filled import filled
from v2v_studio.types import Anchor, BoxSequence, Drawn, Window

H, W = 40, 60


def picture():
    """Stripes down a grey ground, and a red square at (10, 10), 12 pixels wide."""
    frame = np.full((3, H, W), 0.4, np.float32)
    frame[:, ::4] += 0.1
    frame[:, 10:22, 10:22] = np.array([0.9, 0.1, 0.1], np.float32)[:, None, None]
    return frame


def sequence(*boxes):
    """Boxes of one object, frame by frame; None where it is not there."""
    drawn = np.array([[box or (0, 0, 1, 1)] for box in boxes], np.float32)
    return BoxSequence(drawn, np.array([[box is not None] for box in boxes]), ("a square",), (H, W))


def rendered(*boxes):
    """The frames after the first."""
    drawn = sequence(*boxes)
    anchor = Anchor(picture(), picture(), Drawn(boxes=drawn))
    opened = Cutout().open(anchor, Cutout.Params(), 0)
    frames = np.stack([picture()] * (len(boxes) - 1))
    return opened.render(Window(1, frames, picture()), drawn.part(1, len(drawn)), {}).frames


def red(frame):
    """(x0, y0, x1, y1) of what is red."""
    y, x = np.nonzero((frame[0] > 0.7) & (frame[1] < 0.3))
    return x.min(), y.min(), x.max() + 1, y.max() + 1


def test_what_is_in_the_box_moves_with_it_and_is_gone_from_where_it_was():
    frame = rendered((9, 9, 23, 23), (37, 17, 51, 31))[0]
    assert red(frame) == pytest.approx((38, 18, 50, 30), abs=1)
    assert abs(frame[:, 10:22, 10:22].mean(0) - 0.42).max() < 0.15  # ground, not square


def test_what_is_in_the_box_grows_with_it():
    x0, y0, x1, y1 = red(rendered((9, 9, 23, 23), (9, 9, 37, 37))[0])
    assert (x1 - x0, y1 - y0) == pytest.approx((24, 24), abs=2)


def test_an_object_that_goes_leaves_the_ground():
    frame = rendered((9, 9, 23, 23), None)[0]
    assert not ((frame[0] > 0.7) & (frame[1] < 0.3)).any()


def test_an_object_that_comes_later_is_outlined():
    before, after = rendered(None, None, (30, 20, 50, 35))
    assert np.array_equal(before, picture())
    off = np.abs(after - picture()).max(0)
    assert off[25:30, 35:45].max() <= 0.5 / 255 + 1e-6  # inside it; an outline is drawn in 8 bits
    assert off.max() > 0.3


def test_frames_are_pictures_of_their_size():
    frames = rendered((9, 9, 23, 23), (-8, -5, 6, 9), (55, 35, 69, 49))
    assert frames.shape == (2, 3, H, W) and frames.dtype == np.float32
    assert frames.min() >= 0 and frames.max() <= 1


def test_a_hole_is_filled_with_the_texture_beside_it():
    frame = picture()
    hole = np.zeros((H, W), bool)
    hole[8:24, 8:24] = True
    closed = filled(frame, hole)[0, 10:22, 10:22]
    assert closed.max() < 0.6 and closed.std() > 0.02  # no red, and stripes
    assert np.array_equal(filled(frame, hole)[:, :, 45:], frame[:, :, 45:])
