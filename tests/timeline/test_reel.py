from fractions import Fraction

import pytest

from v2v_studio.shots.base import Transition
from v2v_studio.timeline.edit import Segment, edit_of
from v2v_studio.timeline.layouts import Captions
from v2v_studio.timeline.reel import captions_of

FILM = Fraction(24000, 1001)
DISSOLVE = Transition("dissolve", 30, 34, (0.2, 0.4, 0.6, 0.8), 0.0)


@pytest.fixture
def captions(shot, take, footage):
    """Thirty frames of sh010, a dissolve of four, sixteen of sh020, ten of sh030 without a take, two of no shot."""
    shots = [shot(0, 30), shot(34, 50, "sh020"), shot(50, 60, "sh030")]
    takes = {"sh010": take(0, 34), "sh020": take(30, 50, "t003", "sh020", start=34), "sh030": None}
    segments = [(footage(62), segment) for segment in edit_of(62, shots, [DISSOLVE], takes)]
    return captions_of(segments, shots, FILM)


def test_frame_of_a_take_has_its_number_and_the_timecode(captions):
    assert captions(25) == Captions("source", "1026  00:00:01:01", "sh010 t001")


def test_dissolve_names_both_takes_and_both_numbers(captions):
    assert captions(31) == Captions("source", "1032 > 0998  00:00:01:07", "sh010 t001 > sh020 t003")


def test_first_frame_after_a_dissolve_is_1001(captions):
    assert captions(34) == Captions("source", "1001  00:00:01:10", "sh020 t003")


def test_shot_without_a_take_is_said_to_show_the_source(captions):
    assert captions(51) == Captions("source", "1002  00:00:02:03", "sh030 source")


def test_frame_of_no_shot_has_a_timecode_only(captions):
    assert captions(60) == Captions("source", "00:00:02:12", "source")


def test_cut_in_another_order_keeps_the_frame_numbers_and_has_its_own_timecode(shot, take, footage):
    shots = [shot(0, 30), shot(30, 50, "sh020")]
    plays = [Segment(40, 50, take(30, 50, "t003", "sh020")), Segment(5, 30, take(0, 30))]
    captions = captions_of([(footage(50), segment) for segment in plays], shots, FILM)
    assert captions(0) == Captions("source", "1011  00:00:00:00", "sh020 t003")
    assert captions(10) == Captions("source", "1006  00:00:00:10", "sh010 t001")
    assert captions(34) == Captions("source", "1030  00:00:01:10", "sh010 t001")
