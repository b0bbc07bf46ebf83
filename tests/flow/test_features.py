"""What is compared between frames."""

import numpy as np

from v2v_studio.flow.features import chroma_axis, features


def test_a_flat_frame_is_grey_in_every_feature():
    frame = np.full((3, 16, 16), 100 / 255, np.float32)
    found = features(frame, chroma_axis(frame))
    assert (found.luma == 100).all() and (found.colour == 50).all()
    assert (found.shape == 128).all() and (found.chroma == 128).all()


def test_gradients_point_right_and_down():
    """A ramp of 4 levels a pixel to the right: Sobel is 8 times that, a quarter of it is kept."""
    frame = np.tile(np.arange(32, dtype=np.float32) * 4 / 255, (3, 32, 1))
    shape = features(frame, chroma_axis(frame)).shape[16, 16]
    assert shape.tolist() == [128, 128 + 8, 128]


def test_chroma_tells_apart_colours_of_one_luma(texture):
    """Red and green of equal luma, on a ramp from dark to light: the second axis is what is left."""
    ramp = np.tile(np.linspace(0.3, 0.7, 64, dtype=np.float32), (64, 1))
    frame = np.stack([ramp, ramp, ramp])
    frame[0, :32] += 0.2
    frame[1, :32] -= 0.2 * 0.299 / 0.587
    found = features(frame, chroma_axis(frame))
    assert np.abs(found.luma[:32].astype(int) - found.luma[32:]).max() <= 1  # rounding
    assert np.abs(found.chroma[8:24, 32].mean() - found.chroma[40:56, 32].mean()) > 40
