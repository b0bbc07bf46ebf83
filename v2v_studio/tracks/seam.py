"""Where a remade range meets the take that it was made in: over a few frames the parent goes over into it.

A fade between two carried pictures shows the change from one to the other, and on top of it what each of them wavers by
itself. The change has to come, in equal steps. The wavering need not: the parent's side of the fade is half its own frame
and half its last kept frame beside the range, brought along by the motion of the footage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from v2v_studio.motion.base import MOTION
from v2v_studio.tracks.blend import ALIKE, APART, EDGE, mixed, smoothstep
from v2v_studio.tracks.run import MotionCache, motions
from v2v_studio.tracks.table import Setup
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, Array, Direction
from v2v_studio.warping import backward_warp, pixels, planes

SEAM = 4  # frames at most
BROUGHT = 0.5  # part of the kept frame in the parent's side: of two that waver alike, the mean wavers least


@dataclass(frozen=True)
class Seam:
    """One end of a remade range.

    Attributes:
        kept: footage frame, the parent's own, beside the range.
        sign: 1 where the range comes after it, -1 where it comes before.
        length: frames of the range that are faded.
    """

    kept: int
    sign: Literal[1, -1]
    length: int

    @property
    def direction(self) -> Direction:
        return "forward" if self.sign > 0 else "backward"

    @property
    def frames(self) -> range:
        """Footage frames, away from the kept one."""
        return range(self.kept + self.sign, self.kept + self.sign * (self.length + 1), self.sign)

    def along(self, frame: int) -> float:
        """How far a frame is on the way from the parent, 0, to the first wholly new frame, 1: in equal steps."""
        return abs(frame - self.kept) / (self.length + 1)


def seams(wanted: tuple[int, int], extent: tuple[int, int]) -> list[Seam]:
    """The ends of a range [first, last) at which a take of that extent goes on; at least one frame stays wholly new.

    Example:
        >>> [(seam.kept, list(seam.frames)) for seam in seams((3, 8), (0, 12))]
        [(2, [3, 4]), (8, [7, 6])]
    """
    (first, last), (start, end) = wanted, extent
    kept: list[tuple[int, Literal[1, -1]]] = [(first - 1, 1)] if first > start else []
    kept += [(last, -1)] if last < end else []
    return [Seam(frame, sign, min(SEAM, (last - first - 1) // len(kept))) for frame, sign in kept]


def steadied(
    setup: Setup, kept: Anchor, frames: Iterable[Array], own: Iterable[Array], cache: MotionCache | None = None
) -> Iterator[Array]:
    """The parent's side of a seam, frame by frame.

    Where the kept frame shows a pixel and its footage looks there as it did, half is brought from it, or all where the
    two are different drawings, which would be seen one through the other; elsewhere the parent's own frame stands.

    Args:
        setup: says how the motion is followed.
        kept: the parent's frame beside the range, and its footage.
        frames: (3, H, W) each, the footage from there into the range.
        own: (3, H, W) each, the parent's frames of the same.
        cache: motion known from an earlier render.
    """
    motion_source = MOTION.load(setup.track.motion)().open(kept, setup.motion_params)
    followed = motions(motion_source, windows(kept.source, frames, 1), cache=cache)
    for (window, motion), frame in zip(followed, own, strict=True):
        way = pixels(motion.displacement[0])
        brought = planes(backward_warp(pixels(kept.styled), way, "cubic")).clip(0, 1)
        moved = planes(backward_warp(pixels(kept.source), way))
        sure = motion.visible[0, 0] * (1 - apart(window.frames[0], moved))
        alone = smoothstep(0.5 - EDGE, 0.5 + EDGE, sure)
        share = BROUGHT * sure + apart(frame, brought) * (alone - BROUGHT * sure)
        yield mixed(frame, brought, share.astype(np.float32))


def apart(one: Array, other: Array) -> Array:
    """(H, W) in [0, 1], whether two pictures (3, H, W) show different drawings around a pixel."""
    return smoothstep(ALIKE, APART, cv2.GaussianBlur(np.abs(one - other).mean(0), (0, 0), 2))
