"""Small films made on the spot: frame i is a flat grey of code 16 + 4 i, so that each of 54 frames can be told."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

GREY_STEP = 4


def grey_frame(index: int, width: int, height: int) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, code in zip(frame.planes, (16 + GREY_STEP * index % 216, 128, 128), strict=True):
        plane.update(np.full(plane.buffer_size, code, np.uint8))
    return frame


def write_film(
    path: Path,
    frames: int = 12,
    codec: str = "libx264",
    rate: int = 25,
    size: tuple[int, int] = (64, 48),
    options: dict[str, str] | None = None,
    ticks: list[int] | None = None,
    setup: Callable[[av.VideoStream], None] | None = None,
    lose: tuple[int, ...] = (),
) -> Path:
    """A film of flat greys. `ticks`: its frames' times in 1/rate s; `lose`: packets whose bytes are overwritten."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        if setup:
            setup(stream)
        packets = []
        for index in range(frames):
            frame = grey_frame(index, *size)
            frame.pts, frame.time_base = (ticks[index] if ticks else index), Fraction(1, rate)
            packets += stream.encode(frame)
        for number, packet in enumerate(packets + stream.encode(None)):
            if number in lose:
                packet.update(bytes(packet.buffer_size))
            container.mux(packet)
    return path


def indices(frames) -> list[int]:
    """Which frame of a film each read frame is: grey levels back to numbers."""
    return [round((float(frame.mean()) * 219) / GREY_STEP) for frame in frames]


@pytest.fixture
def film(tmp_path):
    """film(name, **options): write one and give its path."""
    return lambda name="film.mp4", **options: write_film(tmp_path / name, **options)


@pytest.fixture
def numbers():
    """numbers(frames): which frame of a film each one is."""
    return indices
