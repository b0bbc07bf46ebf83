"""What a piece of footage is, as a value: its frames, their times, its geometry, colour and sound."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal


@dataclass(frozen=True)
class AudioStream:
    """One sound track. `start` and `duration` in seconds; `language` as tagged, such as "eng"."""

    index: int
    codec: str
    language: str | None
    sample_rate: int
    channels: int
    start: float
    duration: float


@dataclass(frozen=True)
class Probe:
    """Footage as the studio sees it. `dataclasses.asdict` gives JSON; `Probe.from_dict` reads it back.

    Attributes:
        kind: a video file, a folder of numbered pictures, or one picture.
        width, height: of a frame as shown: upright, square pixels. What the reader gives.
        frames: how many; indices count from 0.
        rate: frames per second as a fraction, such as "24000/1001"; the average where `variable`.
        variable: whether frames are not evenly spaced.
        time_base: seconds per tick, such as "1/90000".
        start: time of the first frame, in ticks; sound may start before it.
        times: time of every frame in ticks where `variable`, else empty: frame i is at start + i / rate.
        codec, pixel_format, bit_depth: as stored.
        range: "full" or "limited"; `matrix`: "bt601", "bt709", "bt2020", ... or "rgb".
        coded_width, coded_height: as stored, before `sample_aspect` ("16/9") and `orientation` are applied.
        orientation: EXIF number, 1 (upright) to 8. `rotation`: the clockwise degrees in it.
        interlaced: which field comes first, "tff" or "bff"; None for progressive footage.
        damaged: frames that do not decode cleanly, or not at all.
        intact: whether the whole file decodes without an error.
        audio: the sound tracks.
        notes: what was found awkward and what is done about it, one plain sentence each.
    """

    kind: Literal["video", "sequence", "still"]
    width: int
    height: int
    frames: int
    rate: str
    variable: bool
    time_base: str
    start: int
    times: tuple[int, ...]
    codec: str
    pixel_format: str
    bit_depth: int
    range: Literal["full", "limited"]
    matrix: str
    coded_width: int
    coded_height: int
    sample_aspect: str
    orientation: int
    interlaced: Literal["tff", "bff"] | None
    damaged: int
    intact: bool
    audio: tuple[AudioStream, ...]
    notes: tuple[str, ...]

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Probe:
        """The probe that `dataclasses.asdict` was made from; keys it does not know are passed over.

        Raises:
            ValueError: a value is missing, of another kind, or cannot be.
        """
        from pydantic import TypeAdapter  # here: footage that is just probed needs none

        found = TypeAdapter(cls).validate_python(dict(record))
        above_nought = found.width, found.height, found.frames, Fraction(found.rate), Fraction(found.time_base)
        if any(value <= 0 for value in above_nought) or found.orientation not in range(1, 9):
            raise ValueError(f"{found.frames} frames of {found.width}x{found.height} at {found.rate} cannot be")
        if found.variable and (len(found.times) != found.frames or any(b <= a for a, b in pairwise(found.times))):
            raise ValueError(f"{len(found.times)} times for {found.frames} frames, or times that do not increase")
        return found

    @property
    def rotation(self) -> int:
        """Clockwise degrees by which the stored picture is turned to be shown: 0, 90, 180 or 270."""
        return {1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}[self.orientation]

    def tick(self, index: int) -> int:
        """Time of a frame in ticks of `time_base`, rounded to a tick."""
        if self.variable:
            return self.times[index]
        return self.start + round(index / (Fraction(self.rate) * Fraction(self.time_base)))

    def seconds(self, index: int) -> Fraction:
        """Time of a frame, counted from the file's own zero; exact."""
        if self.variable:
            return self.times[index] * Fraction(self.time_base)
        return self.start * Fraction(self.time_base) + index / Fraction(self.rate)

    def index_at(self, tick: int) -> int:
        """The frame nearest to a time; negative before the first. Undoes `tick`."""
        if not self.variable:
            return round((tick - self.start) * Fraction(self.time_base) * Fraction(self.rate))
        right = bisect_left(self.times, tick)
        if right == len(self.times):
            return right - 1
        if right == 0:
            return 0 if tick == self.times[0] else -1
        return right if self.times[right] - tick <= tick - self.times[right - 1] else right - 1
