import dataclasses
import json
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import from_uint8, write_png
from v2v_studio.media.probe import Probe, probe
from v2v_studio.media.reader import open_reader
from v2v_studio.media.scan import constant_rate

PAGE = Path(__file__).resolve().parents[2] / "docs/ingest.md"
ROWS = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in PAGE.read_text().splitlines()
    if re.match(r"\| [^|]+ \| `", line)
]


@pytest.mark.parametrize("row", ROWS, ids=[row[1].strip("`") for row in ROWS])
def test_awkward_footage_is_handled_as_the_page_says(row, shared):
    _, name, _, frames, size, rate, told = row
    path = shared / "footage/awkward" / name.strip("`")
    if frames == "-":
        with pytest.raises(MediaError) as refusal:
            probe(path)
        assert str(refusal.value).replace(str(path), "PATH") == told
        return
    found = probe(path)
    assert (str(found.frames), f"{found.width}x{found.height}", found.rate) == (frames, size, rate)
    assert (" ".join(found.notes) or "-") == told
    read = [frame.shape for frame in open_reader(path, found).frames()]
    assert read == [(3, found.height, found.width)] * found.frames


def test_the_page_has_a_row_for_every_awkward_file(shared):
    assert {row[1].strip("`") for row in ROWS} == {path.name for path in (shared / "footage/awkward").iterdir()}


@pytest.mark.parametrize("name", ["vfr.mp4", "two_audio_tracks.mp4", "png_sequence"])
def test_a_probe_survives_json(name, shared):
    found = probe(shared / "footage/awkward" / name)
    assert Probe.from_dict(json.loads(json.dumps(dataclasses.asdict(found)))) == found


@pytest.mark.parametrize(
    "spoiled",
    [
        *({"frames": "x"}, {"audio": 3}, {"orientation": 9}, {"width": 0}, {"time_base": "1/0"}, {"rate": "0"}),
        *({"variable": True, "times": []}, {"variable": True, "frames": 2, "times": [1, 1]}),
    ],
    ids=str,
)
def test_a_probe_that_cannot_be_is_none(spoiled, tmp_path):
    write_png(tmp_path / "a.png", np.zeros((3, 4, 4), np.float32))
    good = dataclasses.asdict(probe(tmp_path / "a.png"))
    assert Probe.from_dict(good).frames == 1
    with pytest.raises((ValueError, ArithmeticError)):
        Probe.from_dict({**good, **spoiled})


def test_sound_tracks_are_listed_with_language_and_extent(shared):
    english, french = probe(shared / "footage/awkward/two_audio_tracks.mp4").audio
    assert (english.language, french.language) == ("eng", "fra")
    assert (english.codec, english.sample_rate, english.channels, english.start) == ("aac", 44100, 1, 0)
    assert english.duration == 1.0


def test_variable_times_are_the_files_own(shared):
    found = probe(shared / "footage/awkward/vfr.mp4")
    assert (found.time_base, found.start, found.times[:4]) == ("1/90000", 180, (180, 3183, 18198, 21201))


def test_a_film_without_surprises_has_no_notes(film):
    found = probe(film())
    assert (found.frames, found.rate, found.variable, found.notes, found.intact) == (12, "25", False, (), True)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.avi", "mpeg4"), ("a.avi", "mjpeg"), ("a.mkv", "libx264"), ("a.mov", "libx264"), ("a.ts", "libx264")],
)
def test_containers_agree_on_frames_and_rate(film, name, codec):
    found = probe(film(name, codec=codec))
    assert (found.frames, found.rate, found.variable) == (12, "25", False)


def test_untagged_footage_is_bt601_up_to_pal_and_bt709_above(film):
    assert probe(film(size=(720, 576), frames=1)).matrix == "bt601"
    assert probe(film(size=(1280, 720), frames=1)).matrix == "bt709"


def test_a_film_with_a_pause_has_a_variable_rate(film):
    found = probe(film(ticks=[0, 1, 2, 10, 11], frames=5))
    assert found.variable
    assert [found.seconds(i) for i in range(5)] == [Fraction(t, 25) for t in (0, 1, 2, 10, 11)]


@given(st.integers(1, 400), st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60)]), st.integers(0, 5000))
def test_times_rounded_to_milliseconds_still_have_a_constant_rate(count, rate, start):
    class Untold:
        guessed_rate = average_rate = base_rate = None

    ticks = [start + round(1000 * i / rate) for i in range(count)]
    found = constant_rate(ticks, Fraction(1, 1000), Untold())
    assert found is not None
    assert [round(1000 * i / found) + start for i in range(count)] == pytest.approx(ticks, abs=1)


def even(rate, time_base, start, frames=1000):
    film = dict.fromkeys(Probe.__dataclass_fields__)
    return Probe(**{**film, "variable": False, "rate": rate, "time_base": time_base, "start": start, "frames": frames})


@given(st.integers(0, 999), st.sampled_from(["25", "24000/1001", "30000/1001", "60"]), st.integers(-9000, 9000))
def test_the_time_of_a_frame_leads_back_to_it(index, rate, start):
    for time_base in ("1/1000", "1/90000", "1/15360"):
        film = even(rate, time_base, start)
        assert film.index_at(film.tick(index)) == index


@given(st.lists(st.integers(0, 10**6), min_size=1, unique=True).map(sorted), st.data())
def test_the_time_of_a_frame_of_variable_rate_leads_back_to_it(times, data):
    film = dataclasses.replace(even("25", "1/90000", times[0]), variable=True, times=tuple(times))
    index = data.draw(st.integers(0, len(times) - 1))
    assert film.index_at(times[index]) == index


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["http://example.org/a.mp4", "rtsp://example.org/a", "concat:/a.mp4|/b.mp4"])
def test_addresses_are_refused(address):
    with pytest.raises(MediaError, match="only local files are read"):
        probe(Path(address))


def test_playlists_and_lists_of_files_are_refused(tmp_path, film):
    inner = film()
    (tmp_path / "a.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:{inner}\n#EXT-X-ENDLIST\n")
    (tmp_path / "a.mp4").write_text(f"ffconcat version 1.0\nfile '{inner}'\n")
    for name in ("a.m3u8", "a.mp4"):
        with pytest.raises(MediaError, match="is not a video that can be read"):
            probe(tmp_path / name)


def test_a_name_with_a_colon_is_a_file_name(film):
    assert probe(film("concat:film.mp4")).frames == 12


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"none\.mp4 does not exist"):
        probe(tmp_path / "none.mp4")


def test_a_sound_file_with_a_cover_picture_has_no_video(tmp_path):
    with av.open(str(tmp_path / "song.mp4"), "w") as container:
        cover = container.add_stream("mjpeg")
        cover.width = cover.height = 16
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        sound = container.add_stream("aac", rate=44100)
        container.mux(cover.encode(av.VideoFrame(16, 16, "yuvj420p")) + cover.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 44100
        container.mux(sound.encode(silence) + sound.encode(None))
    with pytest.raises(MediaError, match="has sound but no picture"):
        probe(tmp_path / "song.mp4")


def test_times_that_do_not_increase_are_refused(film):
    with pytest.raises(MediaError, match=r"do not increase \(H.264 in AVI, say\)"):
        probe(film("film.avi"))


def test_frames_of_absurd_size_are_refused(film, monkeypatch):
    monkeypatch.setattr("v2v_studio.media.frames.MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(MediaError, match="is 64x48; at most"):
        probe(film())


# --- pictures --------------------------------------------------------------------------------------------------------


def pictures(folder, names, size=(6, 4)):
    for number, name in enumerate(names):
        write_png(folder / name, np.full((3, size[1], size[0]), number / 255, np.float32))
    return folder


def test_a_single_picture_is_footage_of_one_frame(tmp_path):
    path = pictures(tmp_path, ["a.png"]) / "a.png"
    found = probe(path)
    assert (found.kind, found.frames, found.width, found.height, found.notes) == ("still", 1, 6, 4, ())


def test_a_sequence_takes_the_rate_it_is_given(tmp_path):
    found = probe(pictures(tmp_path, ["1.png", "2.png", "10.png"]), Fraction(30000, 1001))
    assert (found.kind, found.frames, found.rate) == ("sequence", 3, "30000/1001")


def test_missing_numbers_are_named(tmp_path):
    found = probe(pictures(tmp_path, ["f1.png", "f2.png", "f5.png"]))
    assert "Numbers are missing after f2.png: the pictures are taken one after another." in found.notes


def test_every_second_number_is_a_sequence_without_gaps(tmp_path):
    assert not [note for note in probe(pictures(tmp_path, ["f1.png", "f3.png", "f5.png"])).notes if "missing" in note]


def test_pictures_of_different_sizes_are_refused(tmp_path):
    pictures(tmp_path, ["f1.png", "f2.png"])
    write_png(tmp_path / "f3.png", np.zeros((3, 5, 6), np.float32))
    with pytest.raises(MediaError, match=r"f3\.png is 6x5 but f1\.png is 6x4"):
        probe(tmp_path)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(MediaError, match="a folder without pictures"):
        probe(tmp_path)


def test_transparent_pictures_are_told_of(tmp_path):
    Image.new("RGBA", (4, 4), (255, 0, 0, 128)).save(tmp_path / "a.png")
    assert probe(tmp_path / "a.png").notes == ("The pictures are transparent: laid over black.",)


def test_a_sequence_reads_in_order(tmp_path):
    folder = pictures(tmp_path, ["f2.png", "f9.png", "f10.png"])
    read = [float(frame.max()) for frame in open_reader(folder, probe(folder)).frames(1, 3)]
    assert read == [float(from_uint8(np.uint8(number))) for number in (1, 2)]
