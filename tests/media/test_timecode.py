from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.errors import UsageError
from v2v_studio.media.timecode import (
    DROP_FRAME_RATES,
    STANDARD_RATES,
    frame_to_seconds,
    frame_to_timecode,
    parse_rate,
    seconds_to_frame,
    timecode_to_frame,
)

NTSC = Fraction(30000, 1001)
DAY = 24 * 3600 * 50
rates = st.sampled_from(STANDARD_RATES)


@given(st.integers(0, 10**7), rates)
def test_a_frame_starts_at_the_second_that_leads_back_to_it(frame, rate):
    assert seconds_to_frame(frame_to_seconds(frame, rate), rate) == frame


def test_a_moment_between_two_frames_shows_the_one_that_started():
    assert [seconds_to_frame(t, Fraction(25)) for t in (0.0, 0.039, 0.05)] == [0, 0, 1]


@given(st.integers(0, DAY), rates)
def test_non_drop_timecode_round_trips(frame, rate):
    assert timecode_to_frame(frame_to_timecode(frame, rate), rate) == frame


@given(st.integers(0, DAY), st.sampled_from(DROP_FRAME_RATES))
def test_drop_frame_timecode_round_trips(frame, rate):
    assert timecode_to_frame(frame_to_timecode(frame, rate, drop=True), rate) == frame


@pytest.mark.parametrize("rate", DROP_FRAME_RATES)
def test_drop_frame_timecode_is_counting_with_numbers_left_out(rate):
    """The slow way: count every number of twelve minutes and leave out those that the standard skips."""
    per_second = round(rate)
    skipped = per_second // 15
    counted = [
        f"00:{minute:02}:{second:02};{frame:02}"
        for minute in range(12)
        for second in range(60)
        for frame in range(per_second)
        if not (minute % 10 and second == 0 and frame < skipped)
    ]
    assert [frame_to_timecode(i, rate, drop=True) for i in range(len(counted))] == counted


def test_an_hour_of_drop_frame_is_an_hour_on_the_clock():
    assert frame_to_timecode(round(3600 * NTSC), NTSC, drop=True) == "01:00:00;00"


@given(st.integers(0, DAY), st.integers(1, DAY), st.sampled_from(DROP_FRAME_RATES))
def test_later_frames_have_later_timecodes(frame, step, rate):
    assert frame_to_timecode(frame, rate, True) < frame_to_timecode(frame + step, rate, True)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("25", Fraction(25)), ("24000/1001", Fraction(24000, 1001)), ("23.976", Fraction(24000, 1001)), ("29.97", NTSC)],
)
def test_rates_are_read_as_fractions(text, rate):
    assert parse_rate(text) == rate


@given(st.fractions(min_value=Fraction(1, 100), max_value=1000))
def test_a_rate_written_as_a_fraction_reads_back(rate):
    assert parse_rate(str(rate)) == rate


@pytest.mark.parametrize("text", ["0", "-25", "fast", "1/0", ""])
def test_nonsense_rates_are_refused(text):
    with pytest.raises(UsageError, match="is not a frame rate"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["00:01:00;00", "00:00:00:30", "1:2:3:4", "00:00:60:00"])
def test_timecodes_that_no_frame_has_are_refused(text):
    with pytest.raises(UsageError, match=r"timecode"):
        timecode_to_frame(text, NTSC)


def test_drop_frame_at_25_is_refused():
    with pytest.raises(UsageError, match="30000/1001 and 60000/1001 only"):
        frame_to_timecode(0, Fraction(25), drop=True)
    with pytest.raises(UsageError, match="30000/1001 and 60000/1001 only"):
        timecode_to_frame("00:00:00;00", Fraction(25))


def test_frames_before_zero_have_no_timecode():
    with pytest.raises(UsageError, match="count from 0"):
        frame_to_timecode(-1, Fraction(25))
