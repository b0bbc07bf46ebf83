"""Two pixels that claim the same place."""

import numpy as np

from v2v_studio.flow.occlusion import confidence, occluded, remembered


def still(height=16, width=24):
    return np.zeros((height, width, 2), np.float32), np.full((height, width), 5, np.float32)


def test_where_nothing_moves_nothing_is_hidden():
    assert not occluded(*still()).any()


def test_the_dearer_of_two_claimants_is_hidden():
    """Columns 16 to 20 claim what columns 4 to 8 show, and match it worse."""
    displacement, cost = still()
    displacement[:, 16:20, 0] = -12
    cost[:, 16:20] = 20
    hidden = occluded(displacement, cost)
    assert hidden[:, 16:20].all()
    assert not hidden[:, :16].any() and not hidden[:, 20:].any()


def test_claimants_that_match_alike_both_stay():
    displacement, cost = still()
    displacement[:, 16:20, 0] = -12
    assert not occluded(displacement, cost).any()


def test_neighbours_may_share_a_place():
    """A picture twice as large: four pixels come from each one."""
    displacement, cost = still()
    y, x = np.mgrid[:16, :24]
    displacement[..., 0], displacement[..., 1] = -x / 2, -y / 2
    cost[::2] = 60
    assert not occluded(displacement, cost).any()


def test_what_leaves_the_target_is_hidden():
    displacement, cost = still()
    displacement[..., 0] = 4
    hidden = occluded(displacement, cost)
    assert hidden[:, 20:].all() and not hidden[:, :20].any()


def test_confidence_falls_with_cost_and_where_hidden():
    cost = np.repeat(np.float32([[0, 25, 120]]), 9, 0).repeat(9, 1)
    seen = confidence(cost, np.zeros(cost.shape, bool))
    assert np.allclose(seen[4, [4, 13, 22]], [1, 0.5, 1 / (1 + 4.8**4)])
    assert np.allclose(confidence(cost, np.ones(cost.shape, bool)), 0.1 * seen)


def test_confidence_rises_slowly_and_falls_at_once():
    low, high = np.float32([[0.1]]), np.float32([[1]])
    assert remembered(low, high) == low
    assert np.isclose(remembered(high, low), 0.7 * 0.1 + 0.3 + 0.15)
