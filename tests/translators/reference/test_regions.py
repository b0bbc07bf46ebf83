"""Regions of pictures made of a few plain colours."""

import numpy as np

from v2v_studio.translators.reference.regions import REGIONS, centres, exchange, membership

COLOURS = np.array([[20, 0, 0], [90, 0, 0], [50, 60, 40], [40, 20, -60], [60, -50, 30]], np.float32)


def areas(*sizes):
    return np.array(sizes, float) / sum(sizes)


def test_five_colours_are_five_regions():
    found = centres(np.repeat(COLOURS, 30, axis=0), np.ones(150))
    assert np.allclose(found[np.lexsort(found.T)], COLOURS[np.lexsort(COLOURS.T)], atol=1e-3)


def test_transparent_colours_make_no_region():
    colours = np.concatenate([np.repeat(COLOURS, 30, axis=0), np.full((50, 3), (50, 0, 90), np.float32)])
    found = centres(colours, np.repeat([1.0, 0.0], [150, 50]))
    assert found[:, 2].max() < 41


def test_membership_adds_up_and_is_surest_at_a_centre():
    share = membership(COLOURS, COLOURS)
    assert np.allclose(share.sum(1), 1)
    assert np.array_equal(share.argmax(1), np.arange(REGIONS))
    assert share.diagonal().min() > 0.95


def test_membership_is_even_halfway():
    share = membership((COLOURS[:1] + COLOURS[1:2]) / 2, COLOURS[:2])
    assert np.allclose(share, 0.5)


def test_a_picture_is_exchanged_with_itself_region_by_region():
    plan = exchange(COLOURS, areas(1, 1, 1, 1, 1), COLOURS, areas(1, 1, 1, 1, 1))
    assert np.allclose(plan.sum(1), 0.2)
    assert plan.diagonal().sum() > 0.9  # entropy spreads a little


def test_every_region_finds_a_goal_of_its_own_area():
    own = areas(5, 1, 2, 1, 1)
    assert np.allclose(exchange(COLOURS, own, COLOURS[::-1], areas(1, 2, 3, 4, 5)).sum(1), own)


def test_large_sky_stays_blue_where_the_style_is_mostly_warm():
    plan = exchange(COLOURS, areas(1, 1, 1, 6, 1), COLOURS, areas(1, 1, 6, 1, 1))
    assert plan[3].argmax() == 3
