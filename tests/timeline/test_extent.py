import pytest

from v2v_studio.shots.base import Transition
from v2v_studio.timeline.extent import extent, transition_into, transition_out_of, whole


def transition(kind, start, end):
    return Transition(kind, start, end, (0.5,) * (end - start), 0.0)


DISSOLVE, OUT, IN = transition("dissolve", 10, 14), transition("fade-out", 20, 25), transition("fade-in", 25, 30)
ALL = [DISSOLVE, OUT, IN]


def test_take_covers_the_dissolve_before_and_the_fade_after(shot):
    assert extent(shot(14, 20), ALL) == (10, 25)


def test_take_of_a_shot_between_hard_cuts_covers_the_shot(shot):
    assert extent(shot(40, 50), ALL) == (40, 50)


def test_of_a_fade_through_black_each_shot_gets_its_own_half(shot):
    assert extent(shot(14, 25), ALL) == (10, 25)  # the fade-in at 25 is the next shot's
    assert extent(shot(30, 40), ALL) == (25, 40)


def test_dissolve_belongs_to_both_shots(shot):
    assert transition_out_of(shot(0, 10), ALL) is DISSOLVE and transition_into(shot(14, 20), ALL) is DISSOLVE


def test_trimmed_shot_no_longer_has_the_transition(shot):
    assert extent(shot(15, 19), ALL) == (15, 19)


@pytest.mark.parametrize("span", [(13, 20), (5, 11), (11, 13), (5, 20)])
def test_transition_that_a_shot_reaches_into_is_none(shot, span):
    assert whole(ALL, [shot(*span)]) == [OUT, IN]


def test_transition_that_shots_only_touch_is_whole(shot):
    assert whole(ALL, [shot(0, 10), shot(14, 20), shot(30, 40)]) == ALL
