import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest

from v2v_studio.errors import MediaError
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.media.writer import write_video


def ramp(count=5, height=48, width=64):
    """A grey ramp from left to right that grows brighter frame by frame."""
    row = np.linspace(0.1, 0.8, width, dtype=np.float32)
    return [np.broadcast_to(row + 0.02 * t, (3, height, width)) for t in range(count)]


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001)])
def test_frames_and_rate_come_out_as_they_went_in(tmp_path, rate):
    written = write_video(tmp_path / "a.mov", ramp(), rate, codec="prores")
    found = probe(written.path)
    assert (written.frames, found.frames, Fraction(found.rate)) == (5, 5, rate)
    assert [found.seconds(i) for i in range(5)] == [i / rate for i in range(5)]


def test_it_is_prores_422_hq_in_10_bits_and_says_that_it_is_bt709(tmp_path):
    write_video(tmp_path / "a.mov", ramp(), Fraction(24), codec="prores")
    with av.open(str(tmp_path / "a.mov")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.codec_tag, codec.pix_fmt) == ("prores", "apch", "yuv422p10le")
        assert (codec.colorspace, codec.color_primaries, codec.color_trc) == (1, 1, 1)


def test_pictures_come_back(tmp_path):
    frames = ramp()
    write_video(tmp_path / "a.mov", frames, Fraction(24), codec="prores")
    read = open_reader(tmp_path / "a.mov", probe(tmp_path / "a.mov")).frames()
    for frame, back in zip(frames, read, strict=True):
        assert back * 255 == pytest.approx(frame * 255, abs=2)  # 8 bits in, HQ quantisation, 8 bits out


def test_same_frames_give_the_same_bytes(tmp_path):
    digests = set()
    for name in ("a", "b"):
        written = write_video(tmp_path / f"{name}.mov", ramp(), Fraction(24), codec="prores")
        digests.add(hashlib.sha256(written.path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_prores_in_an_mp4_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"ends in '\.mp4'; video is written as \.mov"):
        write_video(tmp_path / "a.mp4", ramp(), Fraction(24), codec="prores")
