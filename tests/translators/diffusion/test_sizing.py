"""The canvas: whole multiples, mirrored edges, and back to the pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.translators.diffusion.sizing import Canvas

lengths = st.integers(1, 90)


def ramp(width, height):
    """A picture in which every pixel differs: x in red, y in green."""
    y, x = np.indices((height, width), dtype=np.float32)
    return np.stack([x / 100, y / 100, 0 * x])


@given(lengths, lengths, st.sampled_from([1, 8, 16, 64]))
def test_a_canvas_has_whole_multiples_and_gives_the_picture_back_to_the_bit(width, height, multiple):
    canvas = Canvas.around((width, height), multiple)
    laid = canvas.laid(ramp(width, height))
    assert canvas.whole == (laid.shape[2], laid.shape[1])
    assert laid.shape[1] % multiple == laid.shape[2] % multiple == 0
    assert laid.shape[1] - height < multiple
    assert laid.shape[2] - width < multiple
    assert np.array_equal(canvas.lifted(laid), ramp(width, height))


def test_the_edges_are_mirrored_evenly_on_both_sides():
    laid = Canvas.around((5, 1), 8).laid(ramp(5, 1))
    assert (laid[0, 0] * 100).round().tolist() == [1, 0, 1, 2, 3, 4, 3, 2]


@pytest.mark.parametrize(("size", "whole"), [((427, 239), (432, 240)), ((240, 427), (240, 432)), ((64, 32), (64, 32))])
def test_a_frame_is_enlarged_by_less_than_the_multiple(size, whole):
    assert Canvas.around(size, 8).whole == whole


def test_a_working_side_resamples_there_and_back():
    canvas = Canvas.around((192, 108), 8, side=512)
    assert canvas.working == (910, 512)
    assert canvas.whole == (912, 512)
    plain = np.full((3, 108, 192), 0.25, np.float32)
    assert np.allclose(canvas.lifted(canvas.laid(plain)), plain, atol=1e-3)  # a resampler's weights add up to 1 nearly


def test_a_model_that_chose_another_size_is_resampled_onto_the_canvas():
    canvas = Canvas.around((60, 36), 8)
    lifted = canvas.lifted(np.full((3, 80, 128), 0.5, np.float32))
    assert lifted.shape == (3, 36, 60)
    assert np.allclose(lifted, 0.5, atol=1e-3)
