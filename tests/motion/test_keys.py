"""Few keys out of boxes that are known on every frame."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from v2v_studio.motion.boxes import boxes_at
from v2v_studio.motion.keys import keys_of
from v2v_studio.project.control import Box

FAR = (10**6, 10**6)


def moving(xs, size=10):
    return np.array([[x, 5, x + size, 5 + size] for x in xs], np.float64)


def test_an_even_way_needs_its_ends_alone():
    keys = keys_of(range(20, 31), moving(range(0, 110, 10)), np.ones(11, bool))
    assert [(key.frame, key.box) for key in keys] == [(20, (0, 5, 10, 10)), (30, (100, 5, 10, 10))]


def test_a_turn_is_a_key():
    keys = keys_of(range(5), moving([0, 10, 20, 10, 0]), np.ones(5, bool))
    assert [key.frame for key in keys] == [0, 2, 4]


def test_an_object_that_is_not_there_has_no_box_until_it_is_back():
    present = np.array([False, True, True, False, False, True, False])
    keys = keys_of(range(100, 107), moving(range(7)), present)
    found = [(key.frame, key.box is not None) for key in keys]
    assert found == [(101, True), (102, True), (103, False), (105, True), (106, False)]


def test_a_jitter_under_half_a_pixel_is_no_key():
    jitter = np.array([0, 0.4, -0.4, 0.3, 0.0])
    assert len(keys_of(range(5), moving(100 + jitter), np.ones(5, bool))) == 2


ways = st.lists(
    st.tuples(st.integers(-100, 400), st.integers(-50, 300), st.integers(2, 90), st.booleans()), min_size=1, max_size=30
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine that is busy
@given(ways)
def test_what_is_made_of_the_keys_is_near_what_was_followed(way):
    boxes = np.array([[x, y, x + side, y + side] for x, y, side, _ in way], np.float64)
    present = np.array([there for *_, there in way])
    keys = keys_of(range(len(way)), boxes, present)
    if not present.any():
        assert keys == []
        return
    again = boxes_at([Box(keys=keys)], range(len(way)), FAR)
    near = 0.5 + 0.02 * 90 + 0.2  # and keys are whole tenths
    assert np.abs(again.boxes[:, 0] - boxes)[present].max() <= near
    assert not again.present[:, 0][~present].any()
