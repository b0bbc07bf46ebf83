from fractions import Fraction

import av
import numpy as np
import opentimelineio as otio
import pytest

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.media.frames import read_png


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def rate(path):
    with av.open(str(path)) as container:
        return container.streams.video[0].average_rate


def sound(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_frames_rate_and_sound_are_those_of_the_source(rendered, film):
    (export,) = rendered.assemble()["exports"]
    assert len(decoded(export["path"])) == 36
    assert rate(export["path"]) == Fraction(24000, 1001)
    assert sound(export["path"]) == sound(film)


def test_edit_shows_the_takes(rendered):
    (export,) = rendered.assemble(crf=1)["exports"]
    take = rendered.store.take("sh020", "t001")
    shown = decoded(export["path"])[15].transpose(2, 0, 1) / 255
    expected = read_png(rendered.store.take_frame(take, 15))
    assert np.abs(shown - expected).mean() < 0.03  # 4:2:0 chroma and 8-bit matrix rounding


def test_disabled_shot_shows_the_source(rendered):
    rendered.disable("sh020")
    (export,) = rendered.assemble()["exports"]
    assert export["styled"] == 36 - 10


def test_strict_refuses_a_shot_without_approval(rendered):
    rendered.review("sh010/t001", "approve")
    with pytest.raises(ProjectError, match="no approved take in sh020, sh030"):
        rendered.assemble(strict=True)


def test_same_edit_twice_has_the_same_bytes(rendered):
    from pathlib import Path

    (one,) = rendered.assemble("one")["exports"]
    (two,) = rendered.assemble("two")["exports"]
    assert Path(one["path"]).read_bytes() == Path(two["path"]).read_bytes()


def test_timeline_has_every_take_and_the_shown_one_active(rendered):
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}, again=True), workers=1)
    rendered.review("sh010/t001", "approve")
    rendered.review("sh010/t001", "note", "good", 1003)
    timeline = otio.adapters.read_from_file(rendered.assemble()["timeline"])
    clips = list(timeline.tracks[0].find_clips())
    assert [clip.name for clip in clips] == ["sh010", "sh020", "sh030"]
    assert set(clips[0].media_references()) == {"source", "t001", "t002"}
    assert clips[0].active_media_reference_key == "t001"
    assert [marker.name for marker in clips[0].markers] == ["good"]
    assert clips[0].metadata["v2v"]["recipes"]["t001"]["track"] == "restyle"


def test_timeline_is_as_long_as_the_footage(rendered):
    timeline = otio.adapters.read_from_file(rendered.assemble()["timeline"])
    assert [track.duration().to_frames() for track in timeline.tracks] == [36, 36]


def test_image_sequence_of_the_timeline_leads_to_the_frames(rendered):
    from pathlib import Path

    path = Path(rendered.assemble()["timeline"])
    clip = next(iter(otio.adapters.read_from_file(str(path)).tracks[0].find_clips()))
    reference = clip.media_references()["t001"]
    urls = [reference.target_url_for_image_number(i) for i in range(12)]
    assert all((path.parent / url).resolve().is_file() for url in urls)


def test_take_of_another_size_is_not_shown(rendered):
    rendered.store.change_project(lambda project: project.changed(size=(48, 48)))
    (export,) = rendered.assemble()["exports"]
    assert export["styled"] == 0 and len(export["notes"]) == 3


def test_prores_has_the_frames_rate_and_sound_of_the_source(rendered, film):
    (export,) = rendered.assemble(formats=["prores"])["exports"]
    assert export["path"].endswith("exports/cut01.mov")
    assert (len(decoded(export["path"])), rate(export["path"])) == (36, Fraction(24000, 1001))
    assert sound(export["path"]) == sound(film)


def test_only_what_is_asked_for_is_exported(rendered):
    made = rendered.assemble(formats=["edl", "fcpxml"])
    assert sorted(path.name for path in (rendered.store.folder / "exports").iterdir()) == ["cut01.edl", "cut01.fcpxml"]
    assert made["exports"] == [] and made["notes"]


def test_frames_are_the_takes_bit_for_bit(rendered):
    (export,) = rendered.assemble(formats=["frames"])["exports"]
    pictures = sorted(rendered.store.folder.glob("exports/cut01_frames/*"))
    assert export["path"] == str(pictures[0].parent)
    assert [path.name for path in pictures] == [f"cut01.{1001 + i}.png" for i in range(36)]
    take = rendered.store.take("sh020", "t001")
    assert (read_png(pictures[15]) == read_png(rendered.store.take_frame(take, 15))).all()


def test_frames_of_an_edit_that_got_shorter_leave_none_of_the_longer_one(rendered):
    folder = rendered.store.folder / "exports" / "cut01_frames"
    folder.mkdir()
    (folder / "cut01.1099.png").write_bytes(b"of a longer edit")
    rendered.assemble(formats=["frames"])
    assert len(list(folder.iterdir())) == 36


def test_handles_are_stated_clip_by_clip(rendered):
    rendered.trim("sh010", 1003, 1010)
    timeline = otio.adapters.read_from_file(rendered.assemble(formats=["otio"], handles=4)["timeline"])
    clip = next(clip for clip in timeline.tracks[0].find_clips() if clip.name == "sh010")
    assert dict(clip.metadata["v2v"]["handles"]) == {"wanted": 4, "before": 2, "after": 3}


def test_list_that_cannot_hold_the_edit_is_refused_before_anything_is_written(rendered):
    rendered.store.change_footage("a001", lambda footage: footage.changed(rate="15"))
    with pytest.raises(MediaError, match="an EDL has no timecode at 15 frames a second"):
        rendered.assemble(formats=["mp4", "edl"])
    assert not list((rendered.store.folder / "exports").iterdir())


def test_unknown_format_says_which_there_are(rendered):
    with pytest.raises(UsageError, match=r"unknown format 'fcpx'. Did you mean 'fcpxml'\?"):
        rendered.assemble(formats=["fcpx"])
