import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v2v_studio.tracks.windows import rendered_of, speed, strided, windows
from v2v_studio.types import FlowField, Window


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


def moving(*steps):
    """Windows of one frame, each this many hundredths of its side to the right of the one before."""
    for index, step in enumerate(steps, 1):
        way = np.zeros((1, 2, 10, 10), np.float32)
        way[:, 0] = step / 10
        motion = FlowField(way, "backward", np.ones((1, 1, 10, 10), np.float32), way)
        yield Window(index, np.full((1, 3, 10, 10), index, np.float32), frame(index - 1)), motion


def spans(*steps, length=2, most=4):
    """(first frame, last frame, stride) of each window; calm is two hundredths."""
    return [(w.start, w.stop - 1, stride) for w, _, stride in strided(moving(*steps), length, most)]


def test_a_window_spans_more_time_where_little_moves():
    assert spans(*[0.4] * 16) == [(1, 8, 4), (9, 16, 4)]
    assert spans(*[0.8] * 8) == [(1, 4, 2), (5, 8, 2)]
    assert spans(*[3] * 6) == [(1, 2, 1), (3, 4, 1), (5, 6, 1)]


def test_a_window_ends_before_things_begin_to_move():
    assert spans(*[0.4] * 8, 5, 5, *[0.4] * 8) == [(1, 8, 4), (9, 10, 1), (11, 18, 4)]
    assert spans(0.4, 0.4, 0.4, 0.4, 5, 5) == [(1, 4, 2), (5, 6, 1)]


def test_the_last_window_is_as_long_as_is_left():
    assert spans(*[0.4] * 11) == [(1, 8, 4), (9, 11, 4)]


@settings(deadline=None)  # many windows are cut many times
@given(st.lists(st.sampled_from([0, 0.6, 1.2, 4]), max_size=40), st.integers(1, 4), st.integers(1, 8))
def test_strided_windows_hold_every_frame_once_in_order_and_a_restart_cuts_alike(steps, length, most):
    cut = list(strided(moving(*steps), length, most))
    assert [v for w, _, _ in cut for v in w.frames[:, 0, 0, 0]] == list(range(1, len(steps) + 1))
    assert all(len(w.frames) == len(m) <= length * stride for w, m, stride in cut)
    for w, _, _ in cut:
        rest = list(moving(*steps))[w.stop - 1 :]
        again = [(v.start, v.stop) for v, _, _ in strided(rest, length, most)]
        assert again == [(v.start, v.stop) for v, _, _ in cut if v.start >= w.stop]


@given(st.integers(1, 40), st.integers(1, 8))
def test_the_last_frame_of_each_stride_is_rendered_and_the_last_of_all(count, stride):
    places = rendered_of(count, stride)
    assert places[-1] == count - 1 and all(0 < b - a <= stride for a, b in zip([-1, *places], places, strict=False))
    assert len(places) == -(-count // stride)


def test_motion_on_the_first_frames_grid_is_as_fast_as_it_changes():
    forward = [FlowField(m.displacement, "forward", m.visible) for _, m in moving(3, 5)]
    assert speed(forward[0], None) == pytest.approx(0.3)
    assert speed(forward[1], forward[0]) == pytest.approx(0.2)
