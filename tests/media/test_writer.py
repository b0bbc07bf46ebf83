import hashlib
import itertools
from fractions import Fraction

import av
import numpy as np
import pytest

from v2v_studio.errors import MediaError
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.media.sound import audio_packets
from v2v_studio.media.writer import write_preview, write_video


def flats(count, height=48, width=64):
    """Flat frames that grow brighter one by one."""
    return (np.full((3, height, width), index / max(1, count), np.float32) for index in range(count))


def presentation(path):
    found = probe(path)
    return [found.seconds(index) for index in range(found.frames)]


@pytest.mark.parametrize(
    "rate", [Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60), Fraction(15)]
)
@pytest.mark.parametrize("count", [1, 2, 31])
def test_frames_and_rate_come_out_as_they_went_in(tmp_path, rate, count):
    written = write_video(tmp_path / "a.mp4", flats(count), rate)
    found = probe(written.path)
    assert (written.frames, found.frames) == (count, count)
    assert Fraction(found.rate) == rate
    assert presentation(written.path) == [index / rate for index in range(count)]


def test_variable_times_are_exact(tmp_path):
    times = [0, 3003, 18018, 21021, 24024, 30030]
    write_video(tmp_path / "a.mp4", flats(6), Fraction(30), times=times, time_base=Fraction(1, 90000))
    assert presentation(tmp_path / "a.mp4") == [Fraction(time, 90000) for time in times]


def test_a_picture_that_starts_after_the_sound_still_does(tmp_path):
    sound = sound_file(tmp_path / "sound.mkv", "flac")
    write_video(tmp_path / "a.mp4", flats(5), Fraction(30), start=Fraction(7, 10), audio_from=sound)
    assert presentation(tmp_path / "a.mp4")[0] == Fraction(7, 10)
    assert probe(tmp_path / "a.mp4").audio[0].start == 0


def test_a_clock_that_starts_late_for_picture_and_sound_starts_at_zero(tmp_path):
    """Transport streams begin at any hour; the distance between picture and sound is what counts."""
    sound = sound_file(tmp_path / "sound.mov", "pcm_s16le", begin=2)
    assert audio_packets(sound)[0][0][0] == 2
    write_video(tmp_path / "a.mp4", flats(5), Fraction(30), start=Fraction(21, 10), audio_from=sound)
    assert presentation(tmp_path / "a.mp4")[0] == Fraction(1, 10)
    assert audio_packets(tmp_path / "a.mp4")[0][0][0] == 0


def test_variable_times_that_start_late_without_sound_start_at_zero(tmp_path):
    write_video(tmp_path / "a.mp4", flats(3), Fraction(30), times=[500, 530, 590], time_base=Fraction(1, 1000))
    assert presentation(tmp_path / "a.mp4") == [0, Fraction(30, 1000), Fraction(90, 1000)]


@pytest.mark.parametrize("count", [5, 7])
def test_another_number_of_times_than_of_frames_is_refused(tmp_path, count):
    with pytest.raises(MediaError, match="6 times"):
        write_video(tmp_path / "a.mp4", flats(count), Fraction(25), times=list(range(6)), time_base=Fraction(1, 25))
    assert list(tmp_path.iterdir()) == []


WITH_SOUND = ["two_audio_tracks.mp4", "audio_longer.mp4", "audio_shorter.mp4", "video_starts_late.mp4"]


@pytest.mark.parametrize("name", WITH_SOUND)
def test_sound_is_copied_packet_by_packet_and_stays_in_step(name, shared, tmp_path):
    source = shared / "footage/awkward" / name
    found = probe(source)
    write_video(
        tmp_path / "a.mp4",
        open_reader(source, found).frames(size=(64, 36)),
        Fraction(found.rate),
        start=found.seconds(0),
        audio_from=source,
    )
    assert audio_packets(tmp_path / "a.mp4") == audio_packets(source)
    assert probe(tmp_path / "a.mp4").audio == found.audio
    assert presentation(tmp_path / "a.mp4") == presentation(source)


def sound_file(path, codec, rate=48000, begin=0):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 128_000
        sampler = av.AudioResampler(stream.codec_context.format, "mono", rate, stream.codec_context.frame_size or 960)
        tone = np.sin(np.arange(rate) * 0.05, dtype=np.float32)[None] / 2
        frame = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, begin * rate, Fraction(1, rate)
        packets = [stream.encode(part) for part in [*sampler.resample(frame), *sampler.resample(None)]]
        container.mux(list(itertools.chain(*packets, stream.encode(None))))
    return path


def sound_bytes(track):
    """A track's packets in one piece, for demuxers cut PCM where they like."""
    return b"".join(data for _, data in track)


@pytest.mark.parametrize(
    ("name", "codec", "suffix"),
    [
        ("a.mkv", "libmp3lame", ".mp4"),
        ("a.mkv", "libopus", ".mp4"),
        ("a.mkv", "flac", ".mp4"),
        ("a.avi", "pcm_s16le", ".mp4"),
        ("a.mov", "pcm_mulaw", ".mov"),
        ("a.mkv", "tta", ".mkv"),
    ],
)
def test_a_container_that_cannot_hold_the_sound_is_exchanged(tmp_path, name, codec, suffix):
    sound = sound_file(tmp_path / name, codec)
    written = write_video(tmp_path / "out.mp4", flats(10), Fraction(10), audio_from=sound)
    assert written.path == tmp_path / f"out{suffix}"
    assert bool(written.notes) == (suffix != ".mp4")
    ours, theirs = audio_packets(written.path), audio_packets(sound)
    assert [sound_bytes(track) for track in ours] == [sound_bytes(track) for track in theirs]
    assert probe(written.path).frames == 10


def test_sound_that_no_container_holds_is_refused(tmp_path):
    sound = sound_file(tmp_path / "a.asf", "wmav2")
    with pytest.raises(MediaError, match="no container holds sound of kind wmav2; convert it to AAC first"):
        write_video(tmp_path / "out.mp4", flats(2), Fraction(10), audio_from=sound)


@pytest.mark.parametrize("shape", [(47, 64), (48, 63), (47, 63), (1, 1)])
def test_odd_sizes_are_made_even_by_repeating_the_edge(tmp_path, shape):
    frame = np.random.default_rng(0).random((3, *shape), dtype=np.float32)
    written = write_video(tmp_path / "a.mp4", [frame], Fraction(25), crf=0)
    found = probe(written.path)
    assert (found.width % 2, found.height % 2) == (0, 0)
    assert "is odd" in written.notes[0]


@pytest.mark.parametrize("grey", [0, 16, 128, 235, 255])
def test_grey_keeps_its_brightness(tmp_path, grey):
    write_video(tmp_path / "a.mp4", [np.full((3, 48, 64), grey / 255, np.float32)], Fraction(25), crf=0)
    frame = next(open_reader(tmp_path / "a.mp4", probe(tmp_path / "a.mp4")).frames())
    assert frame * 255 == pytest.approx(np.full_like(frame, grey), abs=0.6)  # 219 luma codes for 255: half a step


def test_colours_come_back(tmp_path):
    rng = np.random.default_rng(3)
    for colour in rng.random((8, 3), dtype=np.float32):
        frame = np.broadcast_to(colour[:, None, None], (3, 48, 64))
        write_video(tmp_path / "a.mp4", [frame], Fraction(25), crf=0)
        read = next(open_reader(tmp_path / "a.mp4", probe(tmp_path / "a.mp4")).frames())
        # half a code of luma and of chroma: 0.5 * 255/219 + 0.5 * 1.86 * 255/224 = 1.6 codes, and half of one to 8 bits
        assert read * 255 == pytest.approx(frame * 255, abs=2.2)


def test_the_file_is_tagged_as_bt709_limited(tmp_path):
    write_video(tmp_path / "a.mp4", flats(2), Fraction(25))
    with av.open(str(tmp_path / "a.mp4")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range) == (1, 1, 1, 1)
        assert codec.pix_fmt == "yuv420p"


def test_the_index_is_at_the_front(tmp_path):
    write_video(tmp_path / "a.mp4", flats(2), Fraction(25))
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_the_same_input_gives_the_same_bytes(tmp_path, suffix):
    rng = np.random.default_rng(0)
    noise = rng.random((16, 3, 15, 27), dtype=np.float32)
    frames = [np.kron(frame, np.ones((16, 16), np.float32)) for frame in noise]  # 432x240, as real footage: not of 16
    digests = set()
    for _ in range(3):
        written = write_video(tmp_path / f"a{suffix}", frames, Fraction(25), metadata={"title": "x"})
        digests.add(hashlib.sha256(written.path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_metadata_is_written(tmp_path):
    recipe = '{"seed": 7, "prompt": "Öl"}'
    write_video(tmp_path / "a.mp4", flats(2), Fraction(25), metadata={"v2v": recipe, "title": "sh010"})
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert (container.metadata["v2v"], container.metadata["title"]) == (recipe, "sh010")


def test_a_failure_leaves_the_old_file_and_no_part(tmp_path):
    write_video(tmp_path / "a.mp4", flats(2), Fraction(25))
    before = (tmp_path / "a.mp4").read_bytes()

    def broken():
        yield from flats(2)
        raise RuntimeError("the renderer failed")

    with pytest.raises(RuntimeError, match="the renderer failed"):
        write_video(tmp_path / "a.mp4", broken(), Fraction(25))
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_frames_of_different_sizes_are_refused(tmp_path):
    frames = [np.zeros((3, 48, 64), np.float32), np.zeros((3, 48, 32), np.float32)]
    with pytest.raises(MediaError, match="32x48 after frames of 64x48"):
        write_video(tmp_path / "a.mp4", frames, Fraction(25))


def test_no_frames_are_refused(tmp_path):
    with pytest.raises(MediaError, match="would have no frames"):
        write_video(tmp_path / "a.mp4", [], Fraction(25))


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"written as \.mp4, \.mov, \.mkv"):
        write_video(tmp_path / "a.gif", flats(2), Fraction(25))


def test_a_preview_fits_its_box(tmp_path):
    written = write_preview(tmp_path / "a.mp4", flats(3, 480, 854), Fraction(24), within=(320, 320))
    found = probe(written.path)
    assert (found.width, found.height, found.frames, found.rate) == (320, 180, 3, "24")


def test_a_preview_can_be_stepped_through_by_frames(tmp_path):
    noise = np.random.default_rng(3).random((3, 32, 48), np.float32)
    drift = (np.roll(noise, t, 2) for t in range(40))
    write_preview(tmp_path / "a.mp4", drift, Fraction(24000, 1001))
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.pix_fmt, stream.average_rate) == ("yuv420p", Fraction(24000, 1001))
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert [packet.pts for packet in packets] == [packet.dts for packet in packets]  # none waits for a later one
    assert [packet.pts * packet.time_base for packet in packets] == [i * Fraction(1001, 24000) for i in range(40)]
    keys = [i for i, packet in enumerate(packets) if packet.is_keyframe]
    assert keys[0] == 0 and max(np.diff([*keys, 40])) <= 12
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
