import opentimelineio as otio
import pytest

from v2v_studio.timeline.cut import Span
from v2v_studio.timeline.otio import ShotTakes, state_handles, timeline_of

RATE = 24000 / 1001


@pytest.fixture
def film(footage, shot, take):
    """60 frames: a shot that fades in, a dissolve, a shot that fades out, and five frames that belong to none."""
    source = footage(60, ("fade-in", 0, 6), ("dissolve", 20, 26), ("fade-out", 50, 55))
    first, second = shot(6, 20), shot(26, 50, "sh020")
    one, two = take(0, 26, start=6), take(20, 55, shot="sh020", start=26)
    entries = [ShotTakes(first, [one], {}, one), ShotTakes(second, [two], {}, None)]
    return timeline_of("cut01", [source], {"a001": entries})


def frames(item):
    span = item.source_range
    return span.start_time.to_frames(), span.end_time_exclusive().to_frames()


def test_every_track_is_as_long_as_the_footage(film):
    assert [track.duration() for track in film.tracks] == [otio.opentime.RationalTime(60, RATE)] * 2


def test_clips_hold_their_fades_and_meet_in_the_middle_of_the_dissolve(film):
    clips = list(film.tracks[0].find_clips())
    assert [(clip.name, *frames(clip)) for clip in clips] == [("sh010", 0, 23), ("sh020", 23, 55), ("a001", 55, 60)]


def test_dissolve_lies_over_the_cut_with_its_own_length(film):
    (dissolve,) = [item for item in film.tracks[0] if isinstance(item, otio.schema.Transition)]
    assert (dissolve.in_offset.to_frames(), dissolve.out_offset.to_frames()) == (3, 3)
    assert film.tracks[0].index(dissolve) == 1


def test_take_has_the_frames_that_the_dissolve_needs(film):
    one, two, _ = film.tracks[0].find_clips()
    for clip, end in ((one, 23 + 3), (two, 55)):
        span = clip.media_references()["t001"].available_range
        assert span.end_time_exclusive().to_frames() >= end
    assert two.media_references()["t001"].available_range.start_time.to_frames() <= 23 - 3


def test_image_sequence_counts_from_the_shots_first_frame_as_1001(film):
    reference = next(iter(film.tracks[0].find_clips())).media_references()["t001"]
    assert reference.target_url_for_image_number(0).endswith("sh010_t001.0995.png")  # six frames of fade before 1001
    assert reference.target_url_for_image_number(6).endswith("sh010_t001.1001.png")


def test_shown_take_is_active_and_the_source_where_none_is(film):
    one, two, _ = film.tracks[0].find_clips()
    assert (one.active_media_reference_key, two.active_media_reference_key) == ("t001", "source")


def test_timeline_is_the_same_after_a_round_trip_through_a_file(film, tmp_path):
    path = str(tmp_path / "cut01.otio")
    otio.adapters.write_to_file(film, path)
    assert otio.adapters.read_from_file(path).is_equivalent_to(film)


def test_shot_trimmed_away_from_a_dissolve_leaves_no_transition(footage, shot):
    entries = [ShotTakes(shot(0, 15)), ShotTakes(shot(26, 60, "sh020"))]
    track = timeline_of("cut01", [footage(60, ("dissolve", 20, 26))], {"a001": entries}).tracks[0]
    assert track.duration().to_frames() == 60
    assert not [item for item in track if isinstance(item, otio.schema.Transition)]


def test_shot_trimmed_into_a_dissolve_keeps_the_length(footage, shot):
    entries = [ShotTakes(shot(0, 20)), ShotTakes(shot(22, 60, "sh020"))]
    track = timeline_of("cut01", [footage(60, ("dissolve", 20, 26))], {"a001": entries}).tracks[0]
    assert [frames(clip) for clip in track.find_clips()] == [(0, 20), (20, 22), (22, 60)]


def test_footage_without_sound_is_a_gap_in_the_sound_track(footage):
    sound = timeline_of("cut01", [footage(60, audio=False)], {}).tracks[1]
    assert isinstance(sound[0], otio.schema.Gap) and sound.duration().to_frames() == 60


def test_footages_follow_each_other(footage):
    timeline = timeline_of("cut01", [footage(60), footage(10, audio=False).changed(id="a002")], {})
    assert [track.duration().to_frames() for track in timeline.tracks] == [70, 70]


def test_media_with_awkward_names_are_proper_urls(footage):
    clip = next(iter(timeline_of("cut01", [footage(5, path="../my clip #1 50%.mp4")], {}).tracks[0].find_clips()))
    assert clip.media_reference.target_url == "../../my%20clip%20%231%2050%25.mp4"


def cut_film(footage, shot, take, *spans):
    source = footage(60, ("dissolve", 20, 26))
    entries = [ShotTakes(shot(0, 20)), ShotTakes(shot(26, 60, "sh020"))]
    return timeline_of("cut01", [source], {"a001": entries}, cut=[Span("a001", *span) for span in spans])


def test_cut_plays_its_spans_in_their_order(footage, shot, take):
    picture, sound = cut_film(footage, shot, take, (30, 40), (2, 10)).tracks
    assert [(clip.name, *frames(clip)) for clip in picture.find_clips()] == [("sh020", 30, 40), ("sh010", 2, 10)]
    assert [frames(clip) for clip in sound.find_clips()] == [(30, 40), (2, 10)]


@pytest.mark.parametrize(("span", "dissolves"), [((0, 60), 1), ((10, 26), 1), ((10, 25), 0), ((21, 60), 0)])
def test_dissolve_is_in_a_cut_that_plays_all_of_it(footage, shot, take, span, dissolves):
    track = cut_film(footage, shot, take, span).tracks[0]
    assert len([item for item in track if isinstance(item, otio.schema.Transition)]) == dissolves
    assert track.duration().to_frames() == span[1] - span[0]


def test_clips_say_how_many_of_the_wanted_handles_their_media_has(film):
    short = state_handles(film, 5)
    stated = [clip.metadata["v2v"]["handles"] for clip in film.tracks[0].find_clips()]
    assert [(one["before"], one["after"]) for one in stated] == [(0, 3), (5, 5), (5, 0)]
    assert short == [  # the first's take goes on 3 frames into the dissolve; the source ends with the last
        "sh010 has 0 of 5 handle frames before it and 3 after it",
        "a001 has 5 of 5 handle frames before it and 0 after it",
    ]
