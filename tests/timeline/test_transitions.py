import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.timeline.transitions import remake_dissolve, remake_fade, unfade, unmix

RED = np.broadcast_to(np.array([0.8, 0.2, 0.1], np.float32)[:, None, None], (3, 2, 2))
BLUE = np.broadcast_to(np.array([0.1, 0.3, 0.9], np.float32)[:, None, None], (3, 2, 2))
close = pytest.approx  # float32 arithmetic on values near 1: 1e-6 is its rounding


def test_a_quarter_of_the_way_into_a_dissolve_shows_a_quarter_of_the_incoming_look():
    assert remake_dissolve(RED, BLUE, 0.25)[:, 0, 0] == close([0.625, 0.225, 0.3], abs=1e-6)


def test_half_a_fade_to_white_is_halfway_to_white():
    assert remake_fade(RED, 0.5, ground=1)[:, 0, 0] == close([0.9, 0.6, 0.55], abs=1e-6)


@given(st.floats(0.25, 1))
def test_unmix_undoes_a_dissolve(share):
    assert unmix(remake_dissolve(BLUE, RED, share), share, BLUE) == close(RED, abs=1e-5)


@given(st.floats(0.25, 1), st.sampled_from([0.0, 1.0]))
def test_unfade_undoes_a_fade(gain, ground):
    assert unfade(remake_fade(RED, gain, ground), gain, ground) == close(RED, abs=1e-5)


def test_a_picture_too_faint_to_recover_is_not_guessed():
    assert unmix(BLUE, 0.2, BLUE) is None and unfade(BLUE, 0.2, 0) is None
