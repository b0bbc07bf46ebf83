"""The sound of a cut: pieces of several files one after the other, cut to the sample and encoded anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.codec.context import Flags

from v2v_studio.media.container import open_video
from v2v_studio.types import Array

BLOCK = 5  # seconds held at once, however long a piece is
RUN_UP = 1  # seconds decoded before a cut: a decoder's first packets after a jump are not yet right


@dataclass(frozen=True)
class SoundPiece:
    """A stretch of a file's first sound track.

    Attributes:
        path: the file; None for silence.
        start: seconds on the file's clock.
        seconds: how long.
    """

    path: Path | None
    start: Fraction
    seconds: Fraction


def write_sound(path: Path, pieces: Sequence[SoundPiece], codec: Literal["aac", "pcm_s16le"]) -> None:
    """Write the pieces as the one track of a .mov, at the sample rate and layout of the first piece that has sound.

    Where a piece begins is rounded to a sample from the beginning of the whole, so that nothing adds up. Where a file has
    no sound, there is silence. The same pieces give the same bytes.
    """
    rate, layout, channels = _form(next(piece.path for piece in pieces if piece.path))
    with av.open(f"file:{path}", "w", format="mov", container_options={"fflags": "+bitexact"}) as target:
        stream = target.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.flags |= Flags.bitexact
        done = 0
        for samples in _blocks(pieces, rate, layout, channels):
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, done, Fraction(1, rate)
            target.mux(stream.encode(frame))
            done += samples.shape[1]
        target.mux(stream.encode(None))


def _form(path: Path) -> tuple[int, str, int]:
    """Sample rate, name of the channel layout, and number of channels of a file's first track."""
    with open_video(path) as container:
        codec = container.streams.audio[0].codec_context
        return codec.sample_rate, codec.layout.name, codec.layout.nb_channels


def _blocks(pieces: Sequence[SoundPiece], rate: int, layout: str, channels: int) -> Iterator[Array]:
    """(channels, samples) of all pieces, a block at a time."""
    passed, done = Fraction(0), 0
    for piece in pieces:
        passed += piece.seconds
        first, end = done, round(passed * rate)
        while done < end:
            samples = np.zeros((channels, min(BLOCK * rate, end - done)), np.float32)
            if piece.path:
                _fill(samples, piece.path, piece.start + Fraction(done - first, rate), rate, layout)
            yield samples
            done += samples.shape[1]


def _fill(samples: Array, path: Path, start: Fraction, rate: int, layout: str) -> None:
    """Put what a file sounds like from `start` on into `samples`."""
    length = samples.shape[1]
    with open_video(path) as container:
        stream = container.streams.audio[0]
        assert stream.time_base is not None
        container.seek(round((start - RUN_UP) / stream.time_base), stream=stream)
        resampler = av.AudioResampler("fltp", layout, rate)
        for decoded in container.decode(stream):
            for frame in resampler.resample(decoded):
                if frame.pts is None or frame.time_base is None:
                    continue
                at = round((frame.pts * frame.time_base - start) * rate)
                if at >= length:
                    return
                heard = frame.to_ndarray()
                low, high = max(0, at), min(length, at + heard.shape[1])
                if low < high:
                    samples[:, low:high] = heard[:, low - at : high - at]
