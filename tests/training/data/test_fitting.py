"""Frames at the size of samples, and boxes with them."""

import numpy as np
import pytest

from v2v_studio.media.frames import resize
from v2v_studio.training.data.fitting import Fitting
from v2v_studio.types import BoxSequence


def framed(corners, size):
    """A white box on black, (1, H, W)."""
    x0, y0, x1, y1 = corners
    frame = np.zeros((1, *size), np.float32)
    frame[:, y0:y1, x0:x1] = 1
    return frame


@pytest.mark.parametrize("stretch", [False, True])
def test_a_box_is_where_its_object_is(stretch):
    """40x20 to 20x20: scaled as it is, 10 pixels are cut off on both sides; stretched, all is half as wide."""
    fitting = Fitting.of((40, 20), (20, 20), stretch)
    corners = (14, 4, 26, 12)
    picture = fitting.picture(resize(framed(corners, (20, 40)), fitting.scaled))
    boxes = fitting.boxes(BoxSequence(np.float32([[corners]]), np.array([[True]]), ("it",), (20, 40)))
    assert boxes.size == picture.shape[1:] == (20, 20)
    assert np.array_equal(picture, framed(boxes.boxes[0, 0].astype(int), (20, 20)))


def test_boxes_of_a_larger_copy_are_scaled_to_the_frames():
    boxes = BoxSequence(np.float32([[[0, 0, 80, 40]]]), np.array([[True]]), ("it",), (80, 160))
    assert Fitting.of((40, 20), (40, 20), stretch=False).boxes(boxes).boxes.tolist() == [[[0, 0, 20, 10]]]


def test_an_object_that_is_cut_off_is_away():
    boxes = BoxSequence(np.float32([[[0, 0, 10, 20]]]), np.array([[True]]), ("it",), (20, 40))
    assert not Fitting.of((40, 20), (20, 20), stretch=False).boxes(boxes).present.any()


@pytest.mark.parametrize("frame", [(1920, 1080), (720, 1280), (101, 37), (16, 16)])
def test_what_is_cut_out_has_the_size_asked_for(frame):
    fitting = Fitting.of(frame, (64, 48), stretch=False)
    scaled = np.zeros((3, fitting.scaled[1], fitting.scaled[0]), np.float32)
    assert fitting.picture(scaled).shape == (3, 48, 64)
