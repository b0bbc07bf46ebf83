"""Legs: every wanted frame is reached, each from the first frames nearest to it."""

from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.studio.legs import Leg, legs


def reached(leg: Leg) -> list[int]:
    return list(range(leg.start + leg.sign, leg.stop + leg.sign, leg.sign))


def test_one_first_frame_goes_back_and_forth():
    assert legs([4], (0, 10), (0, 10)) == [Leg(0, -1, 4, 0), Leg(0, 1, 4, 9)]


def test_between_two_first_frames_both_reach_every_frame():
    assert legs([0, 5], (0, 8), (0, 8)) == [Leg(1, -1, 5, 1, 0, aside=True), Leg(0, 1, 0, 4, 1), Leg(1, 1, 5, 7)]


def test_a_range_stops_a_leg_where_nothing_more_is_wanted():
    assert legs([0], (3, 6), (0, 100)) == [Leg(0, 1, 0, 5)]


def test_a_range_before_a_first_frame_needs_only_the_way_back():
    assert legs([50], (3, 6), (0, 100)) == [Leg(0, -1, 50, 3)]


def test_a_leg_aside_is_not_cut_shorter_than_the_frames_it_is_blended_into():
    back, forth = legs([0, 10], (4, 6), (0, 11))
    assert reached(back) == [9, 8, 7, 6, 5, 4]
    assert reached(forth) == [1, 2, 3, 4, 5]


@given(st.sets(st.integers(0, 29), min_size=1, max_size=5), st.integers(0, 29), st.integers(1, 30))
def test_every_wanted_frame_is_reached_once_and_once_aside_where_it_lies_between(anchors, first, length):
    anchors, wanted = sorted(anchors), (first, min(30, first + length))
    made = legs(anchors, wanted, (0, 30))
    for frame in set(range(*wanted)) - set(anchors):
        between = anchors[0] < frame < anchors[-1]
        assert sum(frame in reached(leg) for leg in made if not leg.aside) == 1
        assert sum(frame in reached(leg) for leg in made if leg.aside) == between


@given(st.sets(st.integers(0, 29), min_size=1, max_size=5))
def test_what_is_kept_aside_is_there_before_the_leg_that_needs_it(anchors):
    made = legs(sorted(anchors), (0, 30), (0, 30))
    for place, leg in enumerate(made):
        if leg.other is not None and not leg.aside:
            earlier = [other for other in made[:place] if other.aside and other.anchor == leg.other]
            assert set(reached(leg)) <= set(reached(earlier[-1]))
