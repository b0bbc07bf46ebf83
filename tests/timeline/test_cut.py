import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.project.records import Shot
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.cut import Span, fitted, joined, played
from v2v_studio.timeline.edit import Segment

DISSOLVE = Transition("dissolve", 10, 14, (0.2, 0.4, 0.6, 0.8), 0.0)


def span(start, end):
    return Span("a001", start, end)


def ranges(shots):
    return [(shot.id, shot.start, shot.end) for shot in shots]


def test_spans_that_go_on_are_one():
    assert joined([span(0, 5), span(5, 9), span(10, 12), Span("a002", 12, 13)]) == [
        span(0, 9),
        span(10, 12),
        Span("a002", 12, 13),
    ]


def test_of_segments_a_span_plays_what_lies_in_it():
    segments = [Segment(0, 5), Segment(5, 8), Segment(8, 20)]
    assert played(segments, span(3, 10)) == [Segment(3, 5), Segment(5, 8), Segment(8, 10)]


@pytest.mark.parametrize("span_", [(0, 12), (5, 13), (11, 20)])
def test_of_a_dissolve_that_is_not_played_whole_each_shot_has_its_half(take, span_):
    one, two = take(0, 14), take(10, 20, shot="sh020")
    segments = [Segment(0, 10, one), Segment(10, 14, one, two, DISSOLVE), Segment(14, 20, two)]
    looks = {i: piece.outgoing for piece in played(segments, span(*span_)) for i in range(piece.start, piece.end)}
    assert looks == {i: one if i < 12 else two for i in range(*span_)}


def test_dissolve_that_is_played_whole_is_remade(take):
    segment = Segment(10, 14, take(0, 14), take(10, 20, shot="sh020"), DISSOLVE)
    assert played([segment], span(10, 14)) == [segment]


def test_cut_inside_a_shot_leaves_it_as_it_is(shot):
    shots = [shot(0, 12), shot(12, 22, "sh020")]
    assert fitted(shots, [], [span(2, 5), span(7, 20)]) == (shots, [])


@pytest.mark.parametrize(("played", "grown"), [((0, 15), (0, 15)), ((5, 20), (5, 20)), ((12, 14), (5, 14))])
def test_frames_that_play_on_from_a_shot_become_its_own(shot, played, grown):
    found, new = fitted([shot(5, 13)], [], [span(*played)])
    low, high = min(5, grown[0]), max(13, grown[1])
    assert (ranges(found), new) == ([("sh010", low, high)], [])


def test_frames_that_only_touch_a_shot_are_a_new_one(shot):
    found, new = fitted([shot(5, 13)], [], [span(13, 20), span(0, 5)])
    assert (ranges(found), new) == ([("sh010", 5, 13)], [span(0, 5), span(13, 20)])


def test_frames_of_a_transition_are_nobodys_to_grow_over(shot):
    shots = [shot(0, 10), shot(14, 20, "sh020")]
    assert fitted(shots, [DISSOLVE], [span(0, 12), span(12, 20)]) == (shots, [])


def test_frames_of_a_disabled_shot_stay_the_source(shot):
    disabled = shot(12, 22, "sh020").changed(status="omit")
    assert fitted([shot(0, 12), disabled], [], [span(0, 22)]) == ([shot(0, 12)], [])


def test_two_clips_of_the_same_new_frames_make_one_shot(shot):
    assert fitted([], [], [span(3, 9), span(3, 9)]) == ([], [span(3, 9)])


@given(
    st.lists(st.integers(1, 6), max_size=5),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.lists(st.tuples(st.integers(0, 29), st.integers(1, 12)), max_size=6),
)
def test_every_frame_that_is_played_belongs_to_exactly_one_shot(lengths, there, clips):
    shots, at = [], 0
    for index, length in enumerate(lengths):
        if there[index]:
            shots.append(Shot(id=f"sh{10 * index + 10:03d}", footage="a001", start=at, end=at + length))
        at += length
    found, new = fitted(shots, [], [span(start, start + length) for start, length in clips])
    owners = [frame for piece in (*found, *new) for frame in range(piece.start, piece.end)]
    assert len(owners) == len(set(owners))
    assert {frame for start, length in clips for frame in range(start, start + length)} <= set(owners)
    assert all(one.start <= old.start and old.end <= one.end for one, old in zip(found, shots, strict=True))
