from fractions import Fraction

import av
import numpy as np
import pytest

from v2v_studio.media import sound_cut
from v2v_studio.media.sound_cut import SoundPiece, write_sound

RATE = 48000


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    """Four seconds of mono PCM in which second k, and the half after it, is told by its level: (k + 1) / 10."""
    path = tmp_path_factory.mktemp("sound") / "clicks.mov"
    wave = np.repeat(np.arange(1, 9, dtype=np.float32) / 20, RATE // 2)[None]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path, wave


def heard(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], 1) / 32768


def test_pieces_follow_each_other_to_the_sample(clicks, tmp_path):
    path, wave = clicks
    pieces = [(Fraction(3, 2), Fraction(1, 24)), (Fraction(1, 3), Fraction(1001, 24000)), (Fraction(2), Fraction(1))]
    write_sound(tmp_path / "a.mov", [SoundPiece(path, *piece) for piece in pieces], "pcm_s16le")
    expected, passed, done = [], Fraction(0), 0
    for start, seconds in pieces:
        passed += seconds
        at = round(start * RATE)
        expected.append(wave[:, at : at + round(passed * RATE) - done])
        done = round(passed * RATE)
    assert np.abs(heard(tmp_path / "a.mov") - np.concatenate(expected, 1)).max() < 1 / 16384  # 16-bit rounding, twice


def test_blocks_of_a_long_piece_join_without_a_seam(clicks, tmp_path, monkeypatch):
    path, wave = clicks
    monkeypatch.setattr(sound_cut, "BLOCK", 1)
    write_sound(tmp_path / "a.mov", [SoundPiece(path, Fraction(1, 7), Fraction(3))], "pcm_s16le")
    at = round(Fraction(1, 7) * RATE)
    assert np.abs(heard(tmp_path / "a.mov") - wave[:, at : at + 3 * RATE]).max() < 1 / 16384


def test_where_there_is_no_sound_there_is_silence(clicks, tmp_path):
    path, _ = clicks
    pieces = [SoundPiece(None, Fraction(0), Fraction(1, 2)), SoundPiece(path, Fraction(7, 2), Fraction(1))]
    write_sound(tmp_path / "a.mov", pieces, "pcm_s16le")
    sound = heard(tmp_path / "a.mov")[0]
    assert sound.shape == (3 * RATE // 2,)
    assert (sound[: RATE // 2] == 0).all() and (sound[RATE // 2 : RATE] > 0.39).all() and (sound[RATE:] == 0).all()


def test_same_pieces_give_the_same_bytes(clicks, tmp_path):
    path, _ = clicks
    for name in ("a.mov", "b.mov"):
        write_sound(tmp_path / name, [SoundPiece(path, Fraction(1), Fraction(1))], "aac")
    assert (tmp_path / "a.mov").read_bytes() == (tmp_path / "b.mov").read_bytes()
