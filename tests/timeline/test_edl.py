from fractions import Fraction

import opentimelineio as otio
import pytest

from tests.timeline.lists import CUTS, EXPECTED, RATES, clips_of, cut_at
from v2v_studio.errors import MediaError
from v2v_studio.media.timecode import frame_to_timecode
from v2v_studio.timeline.edl import to_edl
from v2v_studio.timeline.otio import ShotTakes, state_handles, timeline_of


def read_back(text, rate):
    return otio.adapters.read_from_string(text, "cmx_3600", rate=float(Fraction(rate)))


@pytest.mark.parametrize("rate", RATES)
def test_cuts_read_back_through_the_adapter_are_the_same(rate, tmp_path):
    text, _ = to_edl(cut_at(rate), tmp_path)
    assert clips_of(read_back(text, rate)) == EXPECTED


@pytest.mark.parametrize("rate", RATES)
def test_timecodes_are_those_that_we_count(rate, tmp_path):
    text, _ = to_edl(cut_at(rate), tmp_path)
    drop = rate == "30000/1001"
    events = [line.split()[4:] for line in text.splitlines() if line[:3].isdigit()]
    spans = [[frame_to_timecode(frame, Fraction(rate), drop) for frame in span] for span in CUTS]
    assert events == [[*span, *span] for span in spans]
    assert f"FCM: {'' if drop else 'NON-'}DROP FRAME" in text.splitlines()


def test_reel_is_the_footage_and_media_are_named_with_their_numbers(tmp_path):
    text, _ = to_edl(cut_at("24"), tmp_path)
    assert {line.split()[1] for line in text.splitlines() if line[:3].isdigit()} == {"a001"}
    assert "* FROM CLIP: ../shots/sh020/takes/t001/frames/sh020_t001.[0996-1031].png" in text.splitlines()


def test_note_is_a_locator_on_the_record_side(tmp_path):
    timeline = cut_at("25", [("the hand\nsmears", 40)])
    del timeline.tracks[0][0]  # everything moves 29 frames to the front
    lines = to_edl(timeline, tmp_path)[0].splitlines()
    assert [line for line in lines if "LOC" in line] == ["* LOC: 00:00:00:11 YELLOW  THE HAND SMEARS"]
    (marker,) = next(iter(read_back("\n".join(lines), "25").tracks[0].find_clips())).markers
    assert (marker.name, marker.marked_range.start_time.to_frames()) == ("THE HAND SMEARS", 11)


def test_note_cannot_add_an_event(tmp_path):
    text, _ = to_edl(cut_at("24", [("x\n999  a001 V C 00:00:00:00 00:00:00:01 00:00:00:00 00:00:00:01", 40)]), tmp_path)
    assert len([line for line in text.splitlines() if line[:3].isdigit()]) == len(CUTS)


def test_dissolve_is_a_cut_in_its_middle_and_that_is_said(footage, shot, tmp_path):
    entries = [ShotTakes(shot(0, 20)), ShotTakes(shot(26, 60, "sh020"))]
    timeline = timeline_of("cut01", [footage(60, ("dissolve", 20, 26))], {"a001": entries})
    text, lost = to_edl(timeline, tmp_path)
    assert clips_of(read_back(text, "24000/1001")) == [("sh010", 0, 23, 0), ("sh020", 23, 60, 23)]
    assert lost == [
        "1 dissolve is a cut in the middle of it",
        "takes that are not shown, recipes and sound are not in an EDL",
    ]


def test_rate_without_timecode_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"no timecode at 15 frames a second, only at 23\.976, 24, 25, 29\.97"):
        to_edl(cut_at("15"), tmp_path)


def test_list_is_the_same_each_time_and_leaves_the_timeline_alone(tmp_path):
    timeline = cut_at("24", [("good", 40)])
    before = timeline.to_json_string()
    assert to_edl(timeline, tmp_path) == to_edl(timeline, tmp_path)
    assert timeline.to_json_string() == before


def test_note_on_a_frame_that_is_not_played_is_left_out_and_that_is_said(tmp_path):
    timeline = cut_at("24", [("before the trim", 30), ("played", 40)])
    clip = timeline.tracks[0][1]
    clip.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(35, 24), otio.opentime.RationalTime(10, 24))
    text, lost = to_edl(timeline, tmp_path)
    assert [line.split()[-1] for line in text.splitlines() if "LOC" in line] == ["PLAYED"]
    assert lost[0] == "1 note is left out, on frames that the cut does not play"


def test_handles_are_said_in_a_comment(tmp_path):
    timeline = cut_at("24")
    state_handles(timeline, 8)
    said = [line for line in to_edl(timeline, tmp_path)[0].splitlines() if "HANDLES" in line]
    assert said[1] == "* HANDLES: 5 BEFORE, 3 AFTER"  # the take has [24, 60) of a clip that plays [29, 57)
