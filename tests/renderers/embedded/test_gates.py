"""Paint or filter."""

import cv2
import numpy as np
import pytest

from v2v_studio.renderers.embedded.gates import filter_share, held_out

NOISE = np.random.default_rng(0).uniform(0, 255, (96, 128, 3)).astype(np.float32)
UNSEEN = held_out(96, 128)


def test_a_prediction_that_is_right_is_a_filter():
    assert filter_share(NOISE, NOISE, UNSEEN) == 1


def test_texture_that_is_not_predicted_is_paint():
    assert filter_share(NOISE, cv2.GaussianBlur(NOISE, (0, 0), 4), UNSEEN) == 0


def test_a_constant_key_is_a_filter():
    flat = np.full_like(NOISE, 80)
    assert filter_share(flat, flat, UNSEEN) == 1


@pytest.mark.parametrize("size", [(8, 8), (16, 16), (239, 427), (1080, 1920)])
def test_a_quarter_is_held_out_at_any_size(size):
    assert abs(held_out(*size).mean() - 0.25) < 0.13  # blocks at the border are cut
