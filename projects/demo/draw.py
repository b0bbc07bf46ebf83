"""The demo's footage, drawn by this code alone: `python projects/demo/draw.py footage.mp4`.

"Paper plane", eight seconds in four shots, 640x360 at 24 frames per second. A plane of paper leaves a room at dawn, passes
a girl in a street, a meadow at sunset, and ends on the moon:

    room 0:48 | street 48:96 | meadow 96:138 ~ dissolve 138:150 ~ moon 150:192

Everything in it is a picture on a plane before a pinhole camera, so its motion is known exactly: `truth` is a fixture for
whatever estimates motion, `CUTS` and `DISSOLVE` for whatever finds cuts. The photographs are those inside scikit-image.
The same numbers are drawn on every run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from drawing import sound
from drawing.stage import Stage

RATE = Fraction(24)
FRAMES = 192


@dataclass(frozen=True)
class Shot:
    """A shot of the film: its clean frames are film frames [start, stop)."""

    name: str
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


SHOTS = {
    s.name: s for s in (Shot("room", 0, 48), Shot("street", 48, 96), Shot("meadow", 96, 138), Shot("moon", 150, 192))
}
CUTS = (48, 96)  # film frames that open a new shot at once
DISSOLVE = (138, 150)  # film frames [start, stop) that mix `meadow` into `moon`


def draw(shot: str, t: int) -> np.ndarray:
    """One frame of a shot, alone: (3, 360, 640) float32 RGB in [0, 1].

    Args:
        shot: a name of SHOTS.
        t: frame counted from the shot's first clean one; a frame of the dissolve lies before 0 or past the end.
    """
    return _stage(shot).draw(t)


def truth(shot: str, t: int) -> tuple[np.ndarray, np.ndarray]:
    """The exact motion of frame t of a shot against its first clean frame.

    Returns:
        displacement (2, 360, 640) float32 in pixels, on frame t's grid, pointing into the first frame (sample with it), and
        visible (360, 640) bool: the first frame shows that very place of that very thing.
    """
    return _stage(shot).truth(t)


def mix(frame: int) -> float:
    """Share of the coming shot in a film frame of the dissolve: a straight ramp, 0 before it and 1 after."""
    start, stop = DISSOLVE
    return min(max((frame - start + 1) / (stop - start + 1), 0.0), 1.0)


def film(frame: int) -> np.ndarray:
    """One frame of the cut film, (3, 360, 640) float32 RGB in [0, 1]. A dissolve mixes the values as they are coded."""
    if DISSOLVE[0] <= frame < DISSOLVE[1]:
        going, coming = (draw(name, frame - SHOTS[name].start) for name in ("meadow", "moon"))
        return going + np.float32(mix(frame)) * (coming - going)
    shot = next(s for s in SHOTS.values() if s.start <= frame < s.stop)
    return draw(shot.name, frame - shot.start)


def frames() -> Iterator[np.ndarray]:
    """All of the film."""
    for frame in range(FRAMES):
        yield film(frame)


def music() -> np.ndarray:
    """(samples, 2) float32 at 48 kHz, as long as the film, a click at each cut and in the middle of the dissolve."""
    return sound.music(float(FRAMES / RATE), [float(frame / RATE) for frame in (*CUTS, sum(DISSOLVE) // 2)])


def write(path: Path) -> None:
    """The whole film with its sound, as H.264 and AAC."""
    from v2v_studio.media.writer import write_video  # drawing alone needs no codec

    with tempfile.TemporaryDirectory() as folder:
        track = Path(folder) / "music.m4a"
        sound.write(track, music())
        write_video(path, frames(), RATE, audio_from=track, metadata={"title": "Paper plane"})


@cache
def _stage(shot: str) -> Stage:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # enlarging noise gives other last bits on other numbers of threads
    try:
        return import_module(f"drawing.{shot}").stage()
    finally:
        cv2.setNumThreads(threads)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python projects/demo/draw.py OUT.mp4")
    write(Path(sys.argv[1]))
