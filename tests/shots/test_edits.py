from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from v2v_studio.errors import UsageError
from v2v_studio.shots.edits import merge, split, trim

FRAMES = 60


@st.composite
def shot_lists(draw):
    """Shots in order, some touching, some with frames of no shot between them."""
    edges = sorted(draw(st.sets(st.integers(0, FRAMES), min_size=2, max_size=12)))
    ranges = list(pairwise(edges))
    kept = draw(st.lists(st.booleans(), min_size=len(ranges), max_size=len(ranges)))
    shots = [one for one, keep in zip(ranges, kept, strict=True) if keep]
    assume(shots)
    return shots


def frames_of(shots):
    return [n for start, end in shots for n in range(start, end)]


@given(shots=shot_lists(), frame=st.integers(0, FRAMES))
def test_split_keeps_every_frame_once_and_merge_undoes_it(shots, frame):
    before = frames_of(shots)
    try:
        parts = split(shots, frame)
    except UsageError:
        assert frame not in before or frame in [start for start, _ in shots]
        return
    assert frames_of(parts) == before and len(parts) == len(shots) + 1
    index = [start for start, _ in parts].index(frame)
    assert merge(parts, index - 1, index) == shots


@given(shots=shot_lists(), data=st.data())
def test_merge_keeps_every_frame_once(shots, data):
    index = data.draw(st.integers(0, len(shots) - 1))
    try:
        merged = merge(shots, index, index + 1)
    except UsageError:
        assert index + 1 == len(shots) or shots[index][1] != shots[index + 1][0]
        return
    assert frames_of(merged) == frames_of(shots)


@given(shots=shot_lists(), data=st.data(), start=st.integers(-3, FRAMES + 3), end=st.integers(-3, FRAMES + 3))
def test_trim_never_takes_a_frame_twice_nor_leaves_the_footage(shots, data, start, end):
    index = data.draw(st.integers(0, len(shots) - 1))
    try:
        trimmed = trim(shots, index, start, end, FRAMES)
    except UsageError:
        return
    frames = frames_of(trimmed)
    assert frames == sorted(set(frames)) and frames[0] >= 0 and frames[-1] < FRAMES
    assert [one for n, one in enumerate(trimmed) if n != index] == [one for n, one in enumerate(shots) if n != index]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda shots: split(shots, 25), "the shots are [0, 10), [10, 20), [30, 40)"),
        (lambda shots: split(shots, 10), "choose a frame from 11 to 19"),
        (lambda shots: split([(3, 4)], 3), "one frame only"),
        (lambda shots: merge(shots, 1, 2), "shots that touch are [0, 10) with [10, 20)"),
        (lambda shots: merge(shots, 2, 3), "there is no shot 3; there are 3"),
        (lambda shots: trim(shots, 1, 5, 20, 50), "has room from frame 10 up to, not including, 30"),
        (lambda shots: trim(shots, 2, 35, 35, 50), "needs at least one frame"),
    ],
)
def test_a_refused_edit_says_what_is_possible(edit, says):
    with pytest.raises(UsageError) as error:
        edit([(0, 10), (10, 20), (30, 40)])
    assert says in str(error.value)


def test_merge_takes_its_shots_in_either_order():
    assert merge([(0, 4), (4, 9)], 1, 0) == [(0, 9)]


def test_a_shot_cannot_be_merged_with_itself():
    with pytest.raises(UsageError, match="do not touch"):
        merge([(0, 4), (4, 9)], 1, 1)
