"""The way through a shot: from which first frame, in which direction, every frame is reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Leg:
    """One first frame carried in one direction.

    Attributes:
        anchor: which of the first frames, by its place in their order.
        sign: 1 forwards in time, -1 backwards.
        start: footage frame that the first frame was painted on; frames start + sign, start + 2 sign, ... are rendered.
        stop: the last of them.
        other: the first frame at the far end, whose frames these are blended with; None where there is none.
        aside: whether its frames are kept aside, for the leg that comes from the other side to be blended with.
    """

    anchor: int
    sign: Literal[1, -1]
    start: int
    stop: int
    other: int | None = None
    aside: bool = False

    @property
    def direction(self) -> str:
        return "forward" if self.sign > 0 else "backward"

    @property
    def frames(self) -> list[int]:
        """The footage frames in the order they are reached, from the first frame's own on."""
        return list(range(self.start, self.stop + self.sign, self.sign))

    @property
    def length(self) -> int:
        return abs(self.stop - self.start)


def legs(anchors: Sequence[int], wanted: tuple[int, int], extent: tuple[int, int]) -> list[Leg]:
    """The legs that reach every wanted frame, in the order they are to be rendered.

    Frames before the first anchor are reached from it backwards, those after the last forwards, those between two from both.

    Args:
        anchors: footage frames of the first frames, ascending.
        wanted: [first, last) of the frames to be made, inside the extent.
        extent: [first, last) of the take.
    """
    return [leg for leg in _all(anchors, wanted, extent) if leg is not None]


def stretches(legs: Sequence[Leg]) -> list[list[Leg]]:
    """The same legs, those together that depend on each other: both ways between two first frames; any other is alone."""
    made: list[list[Leg]] = []
    for leg in legs:
        if made and made[-1][-1].aside:
            made[-1].append(leg)
        else:
            made.append([leg])
    return made


def _all(anchors: Sequence[int], wanted: tuple[int, int], extent: tuple[int, int]) -> Iterator[Leg | None]:
    first, last = extent
    yield _cut(Leg(0, -1, anchors[0], first), wanted)
    for later in range(1, len(anchors)):
        start, end = anchors[later - 1], anchors[later]
        yield _cut(Leg(later, -1, end, start + 1, later - 1, aside=True), wanted)
        yield _cut(Leg(later - 1, 1, start, end - 1, later), wanted)
    yield _cut(Leg(len(anchors) - 1, 1, anchors[-1], last - 1), wanted)


def _cut(leg: Leg, wanted: tuple[int, int]) -> Leg | None:
    """The leg up to the last frame that is wanted of it; None where none is."""
    low, high = wanted[0], wanted[1] - 1
    reached = (leg.start + 1, leg.stop) if leg.sign > 0 else (leg.stop, leg.start - 1)
    if max(low, reached[0]) > min(high, reached[1]):
        return None
    stop = min(high, leg.stop) if leg.sign > 0 else max(low, leg.stop)
    return Leg(leg.anchor, leg.sign, leg.start, stop, leg.other, leg.aside)
