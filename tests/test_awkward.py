"""Every awkward file goes through the whole job, or is refused with one sentence: see docs/ingest.md."""

import subprocess
import sys
from fractions import Fraction

import pytest

from v2v_studio.media.probe import probe
from v2v_studio.media.sound import audio_packets
from v2v_studio.studio import Studio

SIZE = (96, 96)  # a box that everything fits into: the job is tested here, not the picture
GOOD = {  # name: frames, and packets of each sound track
    "anamorphic_sar16_9.mp4": (24, []),
    "animated.gif": (20, []),
    "audio_longer.mp4": (30, [217]),
    "audio_shorter.mp4": (30, [19]),
    "corrupt_bits.mp4": (60, []),
    "fps_23976.mp4": (48, []),
    "gray_fullrange.mp4": (30, []),
    "hevc_10bit.mp4": (20, []),
    "interlaced_tff.mp4": (30, []),
    "odd_427x239_vp9.webm": (24, []),
    "odd_427x239_yuv444.mp4": (24, []),
    "one_frame.mp4": (1, []),
    "png_sequence": (10, []),
    "png_sequence/frame_0000.png": (1, []),
    "prores_10bit.mov": (8, []),
    "rotated90.mp4": (40, []),
    "tiny_16x16.mp4": (24, []),
    "truncated_faststart.mp4": (17, []),
    "two_audio_tracks.mp4": (30, [45, 45]),
    "vfr.mp4": (60, []),
    "video_starts_late.mp4": (30, [88]),
}
REFUSED = {
    "audio_only.mp4": "has sound but no picture",
    "empty.mp4": "is empty",
    "text_renamed.mp4": "is not a video that can be read",
    "truncated_no_moov.mp4": "was cut off before its index was written",
}


def run(path, folder, size=SIZE):
    """The export of the whole job."""
    studio = Studio.create(folder, size)
    made = studio.run(path, "filters", {"preset": "poster"}, render_options={"quality": "draft"}, workers=1)
    return made["exports"][0]


def moments(found):
    """Seconds from the first frame to each frame."""
    return [found.seconds(index) - found.seconds(0) for index in range(found.frames)]


def sound(path):
    return [[data for _, data in track] for track in audio_packets(path)]


@pytest.mark.slow
def test_every_awkward_file_is_in_one_of_the_two_tables(shared):
    there = {path.name for path in (shared / "footage" / "awkward").iterdir()}
    assert there == {name.split("/")[0] for name in {**GOOD, **REFUSED}}


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
def test_export_has_the_frames_times_and_sound_of_the_source(shared, tmp_path, name):
    source = shared / "footage" / "awkward" / name
    export = run(source, tmp_path / "p")
    before, after = probe(source), probe(export["path"])
    frames, tracks = GOOD[name]
    assert export["frames"] == export["styled"] == before.frames == after.frames == frames
    assert moments(before) == moments(after)
    if before.kind != "video":
        return
    assert [len(track) for track in sound(source)] == tracks
    assert sound(export["path"]) == sound(source)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["audio_longer.mp4", "audio_shorter.mp4", "video_starts_late.mp4"])
def test_picture_and_sound_keep_their_distance(shared, tmp_path, name):
    source = shared / "footage" / "awkward" / name
    export = run(source, tmp_path / "p")["path"]

    def distance(path):
        return probe(path).seconds(0) - audio_packets(path)[0][0][0]

    assert abs(distance(export) - distance(source)) <= Fraction(
        1, 48000
    )  # one sample: a track's times are whole samples


@pytest.mark.slow
@pytest.mark.parametrize("name", ["odd_427x239_vp9.webm", "odd_427x239_yuv444.mp4"])
def test_odd_size_is_rendered_as_it_is_and_made_even_in_the_mp4_alone(shared, tmp_path, name):
    export = run(shared / "footage" / "awkward" / name, tmp_path / "p", size=None)
    assert Studio(tmp_path / "p").store.take("sh010", "t001").size == (427, 239)
    found = probe(export["path"])
    assert (found.width, found.height) == (428, 240) and "427x239 is odd" in export["notes"][0]


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_one_sentence(shared, tmp_path, name):
    command = [sys.executable, "-m", "v2v_studio", "-C", str(tmp_path / "p"), "run"]
    done = subprocess.run([*command, str(shared / "footage" / "awkward" / name)], capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1 and REFUSED[name] in done.stderr
