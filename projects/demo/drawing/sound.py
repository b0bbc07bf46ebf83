"""The film's sound: a music box over a soft pad, made of sines, with a click at every change of shot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

RATE = 48000
BEAT = 0.5  # seconds
# a pentatonic tune, in semitones from A4, one note a half beat; None rests
TUNE = [
    0,
    4,
    7,
    None,
    9,
    7,
    4,
    None,
    2,
    4,
    7,
    11,
    9,
    None,
    7,
    None,
    5,
    9,
    12,
    None,
    11,
    9,
    7,
    4,
    2,
    4,
    7,
    9,
    7,
    None,
    0,
    None,
]
CHORDS = [(-12, -5, 4), (-15, -8, 0), (-19, -7, 5), (-17, -5, 2)]  # two seconds each


def music(seconds: float, clicks: Sequence[float]) -> np.ndarray:
    """(samples, 2) float32 in [-1, 1] at RATE. Each click, at a time in seconds, is the loudest 10 ms around it."""
    count = round(seconds * RATE)
    track = np.zeros((count + 2 * RATE, 2))
    for index, semitone in enumerate(TUNE):
        if semitone is not None:
            _add(track, index * BEAT / 2, _bell(_hertz(semitone)), 0.16, -0.4 + 0.8 * (index % 5) / 4)
    for index, chord in enumerate(CHORDS):
        for voice, semitone in enumerate(chord):
            _add(track, index * 4 * BEAT, _pad(_hertz(semitone)), 0.07, 0.3 * (voice - 1))
    track = track[:count]
    fade = np.minimum(1, np.minimum(np.arange(count), count - np.arange(count)) / (0.12 * RATE))
    track *= fade[:, None]
    for time in clicks:
        _add(track, time, _click(), 0.75, 0.0)
    return np.clip(track, -1, 1).astype(np.float32)


def _hertz(semitone: int) -> float:
    return 440 * 2 ** (semitone / 12)


def _bell(hertz: float) -> np.ndarray:
    """A struck tine: a note and its bright upper partials, which die away sooner."""
    t = np.arange(round(1.6 * RATE)) / RATE
    partials = ((1, 1.0, 3.2), (2.0, 0.35, 5.0), (3.01, 0.18, 9.0), (5.4, 0.10, 16.0))
    return sum(level * np.exp(-decay * t) * np.sin(2 * np.pi * hertz * ratio * t) for ratio, level, decay in partials)


def _pad(hertz: float) -> np.ndarray:
    """Two sines a little apart, swelling and sinking over two beats and a half."""
    t = np.arange(round(5 * BEAT * RATE)) / RATE
    swell = np.sin(np.pi * t / t[-1]) ** 0.8
    return swell * (np.sin(2 * np.pi * hertz * t) + np.sin(2 * np.pi * (hertz + 0.7) * t)) / 2


def _click() -> np.ndarray:
    t = np.arange(round(0.03 * RATE)) / RATE
    return np.exp(-t * 260) * np.cos(2 * np.pi * 1900 * t)


def _add(track: np.ndarray, time: float, sound: np.ndarray, level: float, side: float) -> None:
    """Mix a sound in at a time; `side` from -1, left, to 1, right."""
    start = round(time * RATE)
    sound = sound[: max(0, len(track) - start)]
    track[start : start + len(sound)] += level * sound[:, None] * np.array([1 - max(side, 0), 1 + min(side, 0)])


def write(path: Path, samples: np.ndarray) -> None:
    """Encode (samples, 2) at RATE as AAC, 192 kbit/s."""
    with av.open(str(path), "w", format="mp4", container_options={"fflags": "+bitexact"}) as target:
        stream = target.add_stream("aac", rate=RATE, layout="stereo", options={"b": "192k", "flags": "+bitexact"})
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, 0
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
