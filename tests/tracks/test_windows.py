import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.tracks.windows import windows


def frame(value):
    return np.full((3, 2, 2), value, np.float32)


@given(st.integers(0, 30), st.integers(1, 9), st.integers(1, 5))
def test_windows_hold_every_frame_once_in_order(count, length, start):
    cut = list(windows(frame(-1), (frame(i) for i in range(count)), length, start))
    assert [v for w in cut for v in w.frames[:, 0, 0, 0]] == list(range(count))
    assert [w.start for w in cut] == list(range(start, start + count, length))


@given(st.integers(1, 30), st.integers(1, 9))
def test_previous_is_the_frame_before_the_window(count, length):
    for window in windows(frame(-1), (frame(i) for i in range(count)), length):
        assert window.previous[0, 0, 0] == window.frames[0, 0, 0, 0] - 1


def test_no_more_than_one_window_is_read_ahead():
    taken = []

    def stream():
        for i in range(100):
            taken.append(i)
            yield frame(i)

    next(windows(frame(-1), stream(), 4))
    assert len(taken) == 4
