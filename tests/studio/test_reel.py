"""The reel as it is written: its frames, its clock and its sound."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.media.footage import Probe
from v2v_studio.media.frames import read_png
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.media.sound import audio_packets
from v2v_studio.studio import Studio
from v2v_studio.timeline.layouts import GAP

pytestmark = pytest.mark.slow

FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
COUNT, FLASH = 97, 83  # frames, and the one that flashes: far enough in for a wrong rate to show


def frames(path):
    return list(open_reader(path, probe(path)).frames())


def test_left_is_the_source_and_right_the_takes(rendered):
    (made,) = rendered.reel()
    shown, take = frames(made["path"])[15], rendered.store.take("sh020", "t001")
    left, right = shown[:, :64, :96], shown[:, :64, 96 + GAP :]
    source, styled = rendered.still(rendered.store.shot("sh020"), 15), read_png(rendered.store.take_frame(take, 15))
    assert np.abs(left - source).mean() < 0.03 < np.abs(left - styled).mean()  # 4:2:0 chroma and 8-bit rounding
    assert np.abs(right - styled).mean() < 0.03 < np.abs(right - source).mean()


def test_disabled_shot_shows_the_source_on_both_sides(rendered):
    rendered.disable("sh020")
    (made,) = rendered.reel()
    shown = frames(made["path"])[15]
    assert np.abs(shown[:, :64, :96] - shown[:, :64, 96 + GAP :]).mean() < 0.02  # encoded in different blocks
    assert made["styled"] == 36 - 10


@pytest.mark.parametrize("layout", ["side", "wipe"])
def test_frames_rate_and_sound_are_those_of_the_source(rendered, film, layout):
    (made,) = rendered.reel(layout=layout)
    found = probe(made["path"])
    assert (found.frames, Fraction(found.rate)) == (36, FILM)
    assert audio_packets(made["path"]) == audio_packets(film)


def test_reel_is_named_after_its_edit(rendered):
    (made,) = rendered.reel("v2")
    assert Path(made["path"]) == rendered.store.folder / "exports" / "v2_reel.mp4"


def test_reel_goes_where_it_is_asked_to(rendered, tmp_path):
    (made,) = rendered.reel(path=tmp_path / "a.mov")
    assert Path(made["path"]) == tmp_path / "a.mov" and probe(tmp_path / "a.mov").frames == 36


def test_reel_of_an_imported_cut_plays_that_cut(rendered, tmp_path):
    """sh020 (ten frames from 12 on) before sh010 (twelve from 0 on), and no sh030."""
    timeline = otio.adapters.read_from_file(rendered.assemble(formats=["otio"])["timeline"])
    first, second, _ = (clip.deepcopy() for clip in timeline.tracks[0])
    del timeline.tracks[0][:]
    timeline.tracks[0].extend([second, first])
    otio.adapters.write_to_file(timeline, str(tmp_path / "cut.otio"))
    rendered.import_cut(tmp_path / "cut.otio")
    (made,) = rendered.reel()
    shown = frames(made["path"])
    assert len(shown) == made["frames"] == 10 + 12
    for at, frame in ((0, 12), (9, 21), (10, 0), (21, 11)):
        source = rendered.still(rendered.store.shot("sh010"), frame)
        assert np.abs(shown[at][:, :64, :96] - source).mean() < 0.03  # 4:2:0 chroma and 8-bit rounding
    assert probe(made["path"]).audio and made["notes"] == []


def test_project_without_footage_says_what_comes_first(empty):
    with pytest.raises(ProjectError, match="v2v ingest"):
        empty.reel()


def test_edit_cannot_be_named_out_of_the_project(rendered):
    with pytest.raises(UsageError, match="not the name of an edit"):
        rendered.reel("../cut01")


def test_footage_is_never_written_over(rendered):
    footage = rendered.store.media_path(rendered.store.footage("a001"))
    before = footage.read_bytes()
    with pytest.raises(UsageError, match="would be written over"):
        rendered.reel(path=footage)
    assert footage.read_bytes() == before


def test_frames_of_a_variable_rate_keep_their_times(shared, tmp_path):
    studio = Studio.create(tmp_path / "p", size=(64, 64))
    (footage,) = studio.ingest([shared / "footage/awkward/vfr.mp4"])
    (made,) = studio.reel()
    found, source = probe(made["path"]), Probe.from_dict(footage.probe)
    assert source.variable
    assert [found.seconds(i) - found.seconds(0) for i in range(found.frames)] == [
        source.seconds(i) - source.seconds(0) for i in range(source.frames)
    ]


def flash_and_click(path, rate):
    """A dark film that is white for one frame, and silence that clicks in the middle of that frame."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=rate, options={"crf": "18"})
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=48000, layout="mono")
        for index in range(COUNT):
            level = 255 if index == FLASH else 40 + index % 3
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), "rgb24").reformat(
                format="yuv420p"
            )
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        wave = np.zeros((1, int(COUNT / rate * 48000)), np.float32)
        click = round((FLASH + Fraction(1, 2)) / rate * 48000)
        wave[0, click : click + 96] = 0.9  # 2 ms
        for at in range(0, wave.shape[1], 1024):
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[:, at : at + 1024]), "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = 48000, at, Fraction(1, 48000)
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
    return path


def seconds_of_click(path):
    with av.open(str(path)) as container:
        blocks = [(float(f.pts * f.time_base), f.to_ndarray()[0]) for f in container.decode(audio=0)]
    start, block = max(blocks, key=lambda timed: np.abs(timed[1]).max())
    return start + np.abs(block).argmax() / 48000


@pytest.mark.parametrize("layout", ["side", "wipe"])
@pytest.mark.parametrize("rate", [FILM, NTSC], ids=["23.976", "29.97"])
def test_flash_and_click_stay_together(tmp_path, rate, layout):
    film = flash_and_click(tmp_path / "film.mp4", rate)
    studio = Studio.create(tmp_path / "p")
    studio.ingest([film])
    (made,) = studio.reel(layout=layout)
    found = probe(made["path"])
    flash = int(np.argmax([frame[:, :48, :64].mean() for frame in frames(made["path"])]))
    assert flash == FLASH
    middle = float(found.seconds(flash) + 1 / rate / 2)
    assert abs(seconds_of_click(made["path"]) - middle) < 0.5 / rate
    assert (found.frames, Fraction(found.rate), found.seconds(0)) == (COUNT, rate, 0)
    assert abs(found.audio[0].duration - float(COUNT / rate)) < 0.5 / rate + 1024 / 48000  # AAC ends on a whole packet
