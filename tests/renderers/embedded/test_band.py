"""Where the map is torn."""

import numpy as np

from v2v_studio.renderers.embedded.band import feathered, mismatch, outside, regularised, steadied, torn

STILL, SEEN = np.zeros((40, 60, 2), np.float32), np.ones((40, 60), np.float32)


def test_a_smooth_map_is_whole():
    zoom = np.dstack(np.meshgrid(np.linspace(-3, 3, 60), np.linspace(-2, 2, 40))).astype(np.float32) * -1
    assert not torn(STILL, SEEN).any()
    assert not torn(zoom, SEEN)[10:30, 10:50].any()


def test_a_jump_is_torn_and_so_is_its_margin():
    jump = STILL.copy()
    jump[:, 30:, 0] = -5
    band = torn(jump, SEEN)
    assert band[20, 26:34].all()
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
    share = feathered(band, SEEN)
    assert share[20, 30] > 0.999
    assert share[2, 2] == 0


def test_where_the_map_is_believed_nothing_is_synthesised():
    assert not feathered(np.ones((40, 60), bool), 0 * SEEN).any()


def test_half_the_patches_astray_are_enough_to_synthesise():
    assert feathered(np.ones((40, 60), bool), SEEN / 2)[10:30, 10:50].min() > 0.999


def test_jitter_is_smoothed_away_and_a_zoom_is_kept():
    x = np.tile(np.arange(60, dtype=np.float32) * 0.1, (40, 1))
    zoom = np.dstack([x, 0 * x])
    jitter = np.random.default_rng(0).normal(0, 0.05, zoom.shape).astype(np.float32)
    smooth = regularised(zoom + jitter, SEEN)[10:30, 10:50]
    assert np.abs(smooth - zoom[10:30, 10:50]).mean() < 0.01  # the mean of some 28 values of mean size 0.04


def test_a_tear_is_not_smoothed_over():
    torn_map = STILL.copy()
    torn_map[:, 30:, 0] = 6
    assert np.allclose(regularised(torn_map, SEEN), torn_map, atol=1e-5)


def test_mismatch_is_nothing_for_equal_pictures_and_all_for_others():
    picture = np.full((40, 60, 3), 100, np.float32)
    assert not mismatch(picture, picture).any()
    assert mismatch(picture, picture + 20).min() == 1


def test_nearly_the_same_is_drawn_a_quarter_of_the_way_to_the_frame_before():
    picture = np.full((40, 60, 3), 100, np.float32)
    assert np.allclose(steadied(picture, picture + 8), 102)


def test_what_has_changed_is_not_held_back():
    picture = np.full((40, 60, 3), 100, np.float32)
    assert np.array_equal(steadied(picture, picture + 60), picture)
    assert steadied(picture, None) is picture
