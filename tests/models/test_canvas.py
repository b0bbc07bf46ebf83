import numpy as np
import pytest

from v2v_studio.models.canvas import Canvas

TRAINED = 320 * 512


@pytest.mark.parametrize("size", [(320, 512), (64, 96), (63, 97), (100, 60), (3, 5)])
def test_sides_are_multiples_of_64_and_the_cut_undoes_it_exactly(size):
    picture = np.random.default_rng(0).random((3, *size)).astype(np.float32)
    canvas = Canvas.around(size)
    laid = canvas.picture(picture)
    assert all(side % 64 == 0 for side in laid.shape[1:])
    assert np.array_equal(canvas.cut(laid), picture)


def test_the_picture_is_mirrored_beyond_its_edge():
    row = np.arange(62, dtype=np.float32)[None, None].repeat(64, 1) / 100
    assert (Canvas.around((64, 62)).picture(row)[0, 0, 60:] == np.float32([0.60, 0.61, 0.60, 0.59])).all()


def test_flow_goes_on_as_at_the_edge():
    way = np.zeros((1, 2, 64, 62), np.float32)
    way[..., -1] = 5
    assert (Canvas.around((64, 62)).flow(way)[..., 61:] == 5).all()


def test_a_smaller_canvas_scales_flow_with_it():
    canvas = Canvas.around((640, 1024), 320 * 512)
    assert canvas.whole == (320, 512)
    assert np.allclose(canvas.flow(np.full((1, 2, 640, 1024), 4, np.float32)), 2)


def test_a_picture_that_is_small_enough_is_not_made_larger():
    assert Canvas.around((64, 96), TRAINED).working == (64, 96)


def test_portrait_stays_portrait():
    assert Canvas.around((1920, 1080), TRAINED).whole == (576, 320)
