"""A file from elsewhere is read with suspicion."""

import json

import opentimelineio as otio
import pytest

from v2v_studio.errors import MediaError
from v2v_studio.timeline import imported
from v2v_studio.timeline.imported import Clip, read_cut

RATE = 24000 / 1001
DIGESTS = ("1" * 64, "2" * 64)


def span(start, end, rate=RATE):
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, rate), time(end - start, rate))


@pytest.fixture
def footages(footage):
    one, two = footage(60, path="../rushes/one.mp4"), footage(40, path="../rushes/two.mp4")
    return [one.changed(sha256=DIGESTS[0]), two.changed(id="a002", sha256=DIGESTS[1])]


def clip(url="one.mp4", source=None, available=None, **metadata):
    media = otio.schema.ExternalReference(url, available, {"v2v": metadata} if metadata else {})
    return otio.schema.Clip("x", media, source or span(3, 9))


@pytest.fixture
def read(footages):
    """read(*items): the cut of a picture track with them."""

    def cut(*items):
        timeline = otio.schema.Timeline("cut")
        timeline.tracks.append(otio.schema.Track("V1", list(items)))
        return read_cut(timeline.to_json_string().encode(), "cut.otio", footages, {"sh020": "a002"})

    return cut


def test_clips_are_matched_by_the_name_of_their_file_wherever_it_is_said_to_be(read):
    cut = read(clip("file:///C:/x/two.mp4"), clip(r"\\server\one.mp4"), clip("http://host/%6fne.mp4"))
    assert [one.footage for one in cut.clips] == ["a002", "a001", "a001"]
    assert cut.clips[0] == Clip("x", "a002", 3, 9, None)


def test_sha256_goes_before_the_name(read):
    (one,) = read(clip("one.mp4", sha256=DIGESTS[1])).clips
    assert one.footage == "a002"


def test_media_that_is_shown_goes_before_other_media_of_the_clip(read):
    item = clip("one.mp4", sha256=DIGESTS[0])
    item.set_media_references({"old": item.media_reference, "new": clip("two.mp4").media_reference}, "new")
    assert read(item).clips[0].footage == "a002"


def test_pictures_of_a_take_are_matched_by_its_shot_and_count_as_its_footage(read):
    item = clip()
    item.media_reference = otio.schema.ImageSequenceReference(
        "elsewhere/", "sh020_t003.", ".png", 1001, 1, RATE, 4, available_range=span(2, 20)
    )
    assert read(item).clips[0] == Clip("x", "a002", 3, 9, None)


def test_folder_of_a_take_is_no_footage_that_has_its_name(footages, read):
    footages[0] = footages[0].changed(path="../frames")
    item = clip()
    item.media_reference = otio.schema.ImageSequenceReference(
        "../shots/sh020/takes/t003/frames/", "sh020_t003.", ".png", 1001, 1, RATE, 4, available_range=span(2, 20)
    )
    assert read(item).clips[0].footage == "a002"


def test_frames_count_from_the_first_of_the_media(read):
    assert read(clip(source=span(86403, 86409), available=span(86400, 86460))).clips[0].start == 3


def test_clip_without_a_range_plays_all_of_its_media(read):
    item = clip(available=span(0, 60))
    item.source_range = None
    assert (read(item).clips[0].start, read(item).clips[0].end) == (0, 60)


def test_rate_as_programs_round_it_is_the_rate_of_the_footage(read):
    assert read(clip(source=span(3, 9, 23.98))).clips[0].end == 9


def test_transition_of_another_program_is_played_as_a_cut_and_that_is_said(read):
    time = otio.opentime.RationalTime(2, RATE)
    cut = read(clip(), otio.schema.Transition("Cross\nDissolve", "SMPTE_Dissolve", time, time), clip())
    assert cut.notes == ("transition 'Cross Dissolve' is played as a cut",)


def speeding():
    item = clip()
    item.effects.append(otio.schema.LinearTimeWarp("fast", time_scalar=2))
    return item


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (clip(source=span(3, 9, 24)), "counts 24 frames a second but a001 has 24000/1001"),
        (clip(source=span(3.5, 9)), "is cut at frame 3.5; move the cut to a whole frame"),
        (clip(source=span(50, 61)), "plays frames 50 up to 61 of a001, which has 0 up to 60"),
        (clip(source=span(-2, 4)), "plays frames -2 up to 4"),
        (clip(source=span(9, 9)), "plays frames 9 up to 9"),
        (clip(source=span(0, 1e18)), "plays frames 0 up to 1000000000000000000"),
        (clip(source=span(float("nan"), 4)), "is cut at frame nan; move the cut to a whole frame"),
        (clip("three.mp4"), r"is of three\.mp4, which is not footage of this project \(one\.mp4, two\.mp4\)"),
        (speeding(), "changes the speed"),
        (otio.schema.Gap(source_range=span(0, 5)), "has a gap in its picture track"),
        (otio.schema.Stack("nest"), "has a stack in its picture track"),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(read, item, message):
    with pytest.raises(MediaError, match=message):
        read(item)


def test_two_footages_of_one_name_are_not_guessed_between(footages, read):
    footages[1] = footages[1].changed(path="../other/one.mp4")
    with pytest.raises(MediaError, match="may be of a001 and a002"):
        read(clip("one.mp4"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b"[1]",
        b'{"OTIO_SCHEMA": "Timeline.99"}',
        b'{"OTIO_SCHEMA": "Clip.1"}',
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        json.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": 5}).encode(),
    ],
)
def test_what_is_no_timeline_is_refused_in_a_sentence(data):
    with pytest.raises(MediaError, match=r"cut\.otio (is not an OpenTimelineIO file|holds no timeline|has)"):
        read_cut(data, "cut.otio", [], {})


def test_timeline_of_absurd_length_is_refused(read, monkeypatch):
    monkeypatch.setattr(imported, "MAX_CLIPS", 3)
    with pytest.raises(MediaError, match="has 4 items in its picture track; at most 3 are read"):
        read(*(clip() for _ in range(4)))


def test_absurdly_large_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(imported, "MAX_BYTES", 10)
    with pytest.raises(MediaError, match="of timeline are read"):
        read_cut(b"x" * 11, "cut.otio", [], {})


def test_text_of_the_file_cannot_fill_a_message(read):
    item = clip("three.mp4")
    item.name = "long\n" * 1000
    with pytest.raises(MediaError) as raised:
        read(item)
    assert len(str(raised.value)) < 300 and "\n" not in str(raised.value)
