"""Footage of any length, made by script: photographs that sway, another one every ten seconds, and a tone."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE, SIZE, SAMPLES = Fraction(24), (854, 480), 48000
SCENE = 240  # frames
SWAY = 48  # frames there and back


def film(path: Path, minutes: float) -> Path:
    """An mp4 of 854x480 at 24 frames a second with AAC sound; nothing is held but a second of it."""
    frames = round(minutes * 60 * RATE)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "20"})
        picture.width, picture.height, picture.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=SAMPLES)
        sounded = 0
        for number, frame in enumerate(pictures(frames)):
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(picture.encode(frame))
            while sounded * RATE < (number + 1) * SAMPLES:
                last = min(sounded + 1024, frames * SAMPLES // int(RATE))
                wave = np.sin(np.arange(sounded, last) * 2 * np.pi * 330 / SAMPLES).astype(np.float32) / 4
                block = av.AudioFrame.from_ndarray(wave[None], "fltp", "mono")
                block.sample_rate, block.pts, block.time_base = SAMPLES, sounded, Fraction(1, SAMPLES)
                container.mux(sound.encode(block))
                sounded = last
        for stream in (picture, sound):
            container.mux(stream.encode(None))
    return path


def pictures(frames: int) -> Iterator[av.VideoFrame]:
    import cv2
    from skimage import data

    width, height = SIZE
    photographs = [
        cv2.resize(photograph, (width + 96, height + 48), interpolation=cv2.INTER_AREA)
        for photograph in (data.coffee(), data.chelsea(), data.astronaut())
    ]
    for number in range(frames):
        angle = number * 2 * np.pi / SWAY
        x, y = 48 + round(40 * np.sin(angle)), 24 + round(16 * np.sin(angle + 1))
        crop = photographs[number // SCENE % len(photographs)][y : y + height, x : x + width]
        yield av.VideoFrame.from_ndarray(np.ascontiguousarray(crop), "rgb24").reformat(width, height, "yuv420p")
