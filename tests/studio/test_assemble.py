from fractions import Fraction

import av
import numpy as np
import opentimelineio as otio
import pytest

from v2v_studio.errors import ProjectError
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
