"""Names in a project: `a001` footage, `sh010` shots in steps of ten, `ff001` first frames, `t001` takes, frames from 1001.

Shots sort by number, then suffix: sh010, sh010n, sh011, ..., sh990, sh1000. A new shot's name always sorts between its
neighbours', so that names never have to change. A suffix reads as a fraction in base 26 and never ends in `a`, the zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from v2v_studio.errors import UsageError

Kind = Literal["footage", "shot", "first frame", "take", "edit", "job"]

PATTERNS: dict[Kind, str] = {
    "footage": r"a[0-9]{3,9}",
    "shot": r"sh[0-9]{3,9}([a-z]{0,30}[b-z])?",
    "first frame": r"ff[0-9]{3,9}",
    "take": r"t[0-9]{3,9}",
    "edit": r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}",
    "job": r"[a-z0-9][a-z0-9_-]{0,63}",
}
EXAMPLES: dict[Kind, str] = {
    "footage": "a001",
    "shot": "sh010",
    "first frame": "ff001",
    "take": "t001",
    "edit": "cut01",
    "job": "j001",
}

FIRST_NUMBER = 1001  # of a shot's first frame: editors leave room for handles before it
STEPS = (10, 5, 1)


def is_name(kind: Kind, name: str) -> bool:
    """Whether it is the name of one of its kind."""
    return bool(re.fullmatch(PATTERNS[kind], name))


def checked(kind: Kind, name: str) -> str:
    """The name, sure to be one of its kind and so safe in a path. UsageError where it is not."""
    if not is_name(kind, name):
        raise UsageError(
            f"{name!r} is not the name of {'an' if kind == 'edit' else 'a'} {kind}; they look like {EXAMPLES[kind]}"
        )
    return name


def following(prefix: str, names: Iterable[str]) -> str:
    """The name after the highest that is taken: `following("t", ["t001", "t004"])` is "t005"."""
    numbers = [int(name[len(prefix) :]) for name in names if re.fullmatch(re.escape(prefix) + "[0-9]{3,}", name)]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"


def shot_key(shot: str) -> tuple[int, str]:
    """What shots sort by."""
    number, suffix = re.fullmatch("sh([0-9]+)([a-z]*)", shot).groups()  # type: ignore[union-attr]
    return int(number), suffix


def shot_between(before: str | None, after: str | None) -> str:
    """A name that sorts strictly between two shots; None stands for the open end on that side.

    The roundest number that fits, nearest the middle: sh010 and sh020 give sh015, the open end gives the next ten.
    Where no number is left, a suffix on the shot before: sh010 and sh011 give sh010n.
    """
    low, low_suffix = shot_key(before) if before else (0, "")
    if after is None:
        return f"sh{(low // 10 + 1) * 10:03d}"
    high, high_suffix = shot_key(after)
    for step in STEPS:
        free = range((low // step + 1) * step, high, step)
        if free:
            return f"sh{min(free, key=lambda number: abs(2 * number - low - high)):03d}"
    return f"sh{low:03d}{_suffix_between(low_suffix, high_suffix if high == low else None)}"


def _suffix_between(low: str, high: str | None) -> str:
    """The middle of two base-26 fractions, in as few digits as it takes; None is one."""
    digits = ""
    while True:
        at = len(digits)
        floor = ord(low[at]) - ord("a") if at < len(low) else 0
        ceiling = ord(high[at]) - ord("a") if high is not None else 26
        middle = (floor + ceiling) // 2
        if middle > floor:
            return digits + chr(ord("a") + middle)
        digits += chr(ord("a") + floor)
        if ceiling > floor:
            high = None


def frame_number(frame: int, start: int) -> int:
    """The number of a footage frame in a shot that starts at footage frame `start`: 1001 for its first."""
    return FIRST_NUMBER + frame - start
