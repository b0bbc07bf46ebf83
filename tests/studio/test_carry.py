"""Motion that a longer take has from its parent."""

import numpy as np
import pytest

from v2v_studio.project.cache import FlowCache
from v2v_studio.studio.carry import Inherited, carry_file
from v2v_studio.types import FlowField


def motion(pixels):
    still = np.full((1, 2, 4, 4), pixels, np.float32)
    return FlowField(still, "backward", np.ones((1, 1, 4, 4), np.float32), still)


@pytest.fixture
def caches(tmp_path):
    """Its own, and that of its parent, which knows frames 1 to 3."""
    own, before = FlowCache(tmp_path, "a" * 64), FlowCache(tmp_path, "b" * 64)
    for index in (1, 2, 3):
        before.put(index, motion(index))
    return own, before


def test_motion_of_a_frame_in_common_is_the_parents_and_is_kept(caches):
    own, before = caches
    assert Inherited(own, before, 2).get(2).displacement[0, 0, 0, 0] == 2
    assert own.get(2) is not None


def test_motion_past_what_is_in_common_is_not(caches):
    assert Inherited(*caches, 2).get(3) is None


def test_its_own_motion_goes_before_the_parents(caches):
    inherited = Inherited(*caches, 2)
    inherited.put(1, motion(7))
    assert inherited.get(1).displacement[0, 0, 0, 0] == 7


def test_a_legs_state_lies_in_a_folder_of_its_take(empty):
    path = carry_file(empty.store, "f" * 64, "ff001-forward")
    assert path.relative_to(empty.store.folder).parts == ("cache", "carry", "f" * 64, "ff001-forward.npz")
