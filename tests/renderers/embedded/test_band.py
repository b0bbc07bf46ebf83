"""Where the map is torn."""

import numpy as np

from v2v_studio.renderers.embedded.band import feathered, outside, torn

STILL, SEEN = np.zeros((40, 60, 2), np.float32), np.ones((40, 60), np.float32)


def test_a_smooth_map_is_whole():
    zoom = np.dstack(np.meshgrid(np.linspace(-3, 3, 60), np.linspace(-2, 2, 40))).astype(np.float32) * -1
    assert not torn(STILL, SEEN).any()
    assert not torn(zoom, SEEN)[10:30, 10:50].any()


def test_a_jump_is_torn_and_so_is_its_margin():
    jump = STILL.copy()
    jump[:, 30:, 0] = -5
    band = torn(jump, SEEN)
    assert band[20, 25:35].all()
    assert not band[20, 10]
    assert not band[20, 50]


def test_what_is_not_visible_is_torn():
    unseen = SEEN.copy()
    unseen[15:25, 25:35] = 0
    assert torn(STILL, unseen)[20, 30]


def test_outside_is_beyond_the_border():
    away = STILL.copy()
    away[..., 0] = 10
    assert np.array_equal(outside(away), np.tile(np.arange(60) > 49, (40, 1)))


def test_the_feather_is_one_inside_and_zero_far_out():
    band = np.zeros((40, 60), bool)
    band[10:30, 20:40] = True
    share = feathered(band)
    assert share[20, 30] > 0.999
    assert share[2, 2] == 0
