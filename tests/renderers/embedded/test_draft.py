"""Filling without a search."""

import numpy as np

from v2v_studio.renderers.embedded.draft import nearest_known


def test_what_is_not_visible_moves_like_its_nearest_visible_neighbour():
    displacement = np.zeros((40, 60, 2), np.float32)
    displacement[:, 20:, 0] = -4
    visible = np.ones((40, 60), np.float32)
    visible[10:30, 25:40] = 0
    displacement[10:30, 25:40] = 99
    assert (nearest_known(displacement, visible)[20, 25:40] == [-4, 0]).all()


def test_all_visible_or_none_is_left_as_it_is():
    displacement = np.zeros((20, 20, 2), np.float32)
    for visible in (np.ones((20, 20), np.float32), np.zeros((20, 20), np.float32)):
        assert np.array_equal(nearest_known(displacement, visible), displacement)
