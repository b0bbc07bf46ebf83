"""Time as editors count it: rational rates, frame numbers, seconds and SMPTE timecode, all exact."""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor

from v2v_studio.errors import UsageError

STANDARD_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(48),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
DROP_FRAME_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))
_TIMECODE = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)([:;])(\d{2,3})")


def parse_rate(text: str) -> Fraction:
    """Frames per second from "25", "24000/1001" or a decimal.

    A decimal that rounds a standard rate means that rate: 23.976 is 24000/1001, 29.97 is 30000/1001.

    Raises:
        UsageError: not a number, or not above zero.

    Example:
        >>> parse_rate("23.976")
        Fraction(24000, 1001)
    """
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise UsageError(f"'{text}' is not a frame rate; write it as 25, 24000/1001 or 23.976")
    if "." not in text:
        return rate
    return min((standard for standard in STANDARD_RATES if abs(standard - rate) < Fraction(1, 200)), default=rate)


def frame_to_seconds(frame: int, rate: Fraction) -> Fraction:
    """The moment at which a frame starts."""
    return Fraction(frame) / rate


def seconds_to_frame(seconds: Fraction | float, rate: Fraction) -> int:
    """The frame on screen at a moment: the one that started last. Undoes `frame_to_seconds` exactly for a Fraction."""
    return floor(Fraction(seconds) * rate)


def _drops(rate: Fraction) -> int:
    """Numbers that drop-frame timecode skips at the start of each minute (SMPTE ST 12-1): 2 at 29.97, 4 at 59.94."""
    return 2 * round(rate / 30) if rate in DROP_FRAME_RATES else 0


def nominal(rate: Fraction) -> int:
    """Frames in a second of timecode: the rate's nearest whole number; slower pictures than one a second count as one."""
    return max(1, round(rate))


def frame_to_timecode(frame: int, rate: Fraction, drop: bool = False) -> str:
    """SMPTE timecode of a frame number counted from 0.

    Non-drop ("HH:MM:SS:FF") counts whole frames per nominal second. Drop-frame ("HH:MM:SS;FF") skips the first two
    numbers (four at 59.94) of every minute but each tenth, so that it keeps step with the clock; no frame is lost.

    Raises:
        UsageError: a negative frame, or drop-frame at a rate other than 30000/1001 or 60000/1001.

    Example:
        >>> frame_to_timecode(1800, Fraction(30000, 1001), drop=True)
        '00:01:00;02'
    """
    if frame < 0:
        raise UsageError(f"frame {frame} has no timecode; frames count from 0")
    if drop and rate not in DROP_FRAME_RATES:
        raise UsageError(f"drop-frame timecode exists for 30000/1001 and 60000/1001 only, not for {rate}")
    per_second = nominal(rate)
    if drop:
        skipped = _drops(rate)
        per_minute = 60 * per_second - skipped
        per_ten = 10 * per_minute + skipped
        tens, rest = divmod(frame, per_ten)
        frame += skipped * (9 * tens + max(0, rest - skipped) // per_minute)
    seconds, frames = divmod(frame, per_second)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drop else ':'}{frames:02}"


def timecode_to_frame(timecode: str, rate: Fraction) -> int:
    """The frame number of a timecode; ";" before the frames means drop-frame. Undoes `frame_to_timecode`.

    Raises:
        UsageError: not a timecode, a frame part beyond the rate, or a number that drop-frame skips.
    """
    match = _TIMECODE.fullmatch(timecode)
    per_second = nominal(rate)
    if match is None or int(match[5]) >= per_second:
        raise UsageError(f"'{timecode}' is not a timecode at {rate} frames per second; write HH:MM:SS:FF")
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    minute = 60 * hours + minutes
    number = (60 * minute + seconds) * per_second + frames
    if match[4] == ":":
        return number
    skipped = _drops(rate)
    if not skipped:
        raise UsageError(f"'{timecode}' is drop-frame, which exists for 30000/1001 and 60000/1001 only, not for {rate}")
    if minutes % 10 and seconds == 0 and frames < skipped:
        raise UsageError(f"'{timecode}' is one of the numbers that drop-frame timecode skips")
    return number - skipped * (minute - minute // 10)
