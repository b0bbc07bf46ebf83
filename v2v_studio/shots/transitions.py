"""Gradual transitions: dissolves and fades, found as stretches in which one picture is mixed into another.

A dissolve shows F_t = (1 - a_t) A + a_t B with a_t rising from 0 to 1. A fade is a dissolve whose one end is plain black or
white. Every pair of frames A, B up to a few seconds apart is held against that model by three tests, each of which the
other things that change a picture fail:

1. unrelated: A and B are different pictures, all over. A title, or an object that leaves, changes a part only; a change of
   light leaves the picture alike.
2. straight: seen as points, the frames between lie on the line from A to B. Least squares gives a_t, and what remains is
   compared with what a wipe, where every pixel is either A or B, would leave: a(1 - a) |B - A|^2. Camera motion and things
   sweeping past leave as much as a wipe, or more.
3. dipping: unrelated fine detail does not add up in a mix, its energy follows (1 - a)^2 + a^2. Motion keeps it.

The dip is the parabola that the variance follows in a dissolve (Alattar 1993), here of fine detail alone. All least squares
are read off the distances between thumbnails that `Memory` keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from v2v_studio.shots.base import Transition
from v2v_studio.shots.looks import FLAT, GROUND, NOISE, Memory, block_means, unlike
from v2v_studio.types import Array

LONGEST = 5  # seconds
SHORTEST = 4  # frames from A to B: three mixed ones; fewer are a soft hard cut
REACH = 160  # frames; bounds the work at high rates
MOST_BENT = 0.65  # of what a wipe leaves
LEAST_DIP = 0.7  # 1 is a mix of unrelated detail, 0 is none
UNRELATED = 0.7  # share of the blocks in which A and B must differ
TRIES = 6  # stretches up to one frame that are looked at closely, the most telling first
LARGEST_STEP = 0.5  # of a_t in one frame: above it the stretch holds a hard cut


def reach(rate: Fraction) -> int:
    """How many frames back a transition may begin."""
    return min(REACH, max(SHORTEST, round(LONGEST * rate)))


@dataclass(frozen=True)
class _Mix:
    """Clean frames `first` and `last` and the shares of `last` in the frames between."""

    first: int
    last: int
    shares: Array
    score: float


class TransitionFinder:
    """Watches a footage through its `Memory`: call `look_back` after each frame, `transitions` after the last."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._mixes: list[_Mix] = []

    def look_back(self) -> None:
        """Find the best mix that ends in the latest frame, if there is one."""
        memory = self._memory
        change = memory.apart[0]
        lengths = np.flatnonzero(np.isfinite(change) & (change > NOISE))
        lengths = lengths[lengths >= SHORTEST]
        if not len(lengths):
            return
        shares, left = self._fit(lengths)
        bounded = shares.clip(0, 1)
        bent = left.sum(axis=1) / (change[lengths] * (bounded * (1 - bounded)).sum(axis=1) + 1e-12)
        steps = -np.diff(shares, axis=1, prepend=1, append=0)
        fits = (bent < MOST_BENT) & (steps.max(axis=1) < LARGEST_STEP) & (self._dip(lengths, bounded) > LEAST_DIP)
        scores = change[lengths] * (1 - bent)
        for n in sorted(np.flatnonzero(fits), key=lambda n: -scores[n])[:TRIES]:
            length, last = int(lengths[n]), len(memory) - 1
            rising = bounded[n, : length - 1][::-1]
            if self._unrelated(length) and self._everywhere(length, rising):
                self._mixes.append(_Mix(last - length, last, rising, float(scores[n])))
                return

    def transitions(self) -> tuple[Transition, ...]:
        """What was found, the best of what overlaps, in order."""
        taken = np.zeros(len(self._memory), bool)
        chosen = []
        for mix in sorted(self._mixes, key=lambda mix: -mix.score):
            if not taken[mix.first + 1 : mix.last].any():
                taken[mix.first + 1 : mix.last] = True
                chosen.append(mix)
        return tuple(self._transition(mix, taken) for mix in sorted(chosen, key=lambda mix: mix.first))

    def _fit(self, lengths: NDArray[np.intp]) -> tuple[Array, Array]:
        """Least squares of every frame between A and B, B being the latest.

        Returns:
            Two arrays (lengths, reach - 1), in columns the frames 1, 2, ... before B: the share of B, and the squared
            distance to the mix. Zero for frames that are not between.
        """
        apart, length = self._memory.apart, lengths[:, None]
        back = np.arange(1, self._memory.reach)[None]
        between = back < length
        change = apart[0, length]
        from_first = np.where(between, apart[back, np.where(between, length - back, 0)], 0)
        from_last = np.where(between, apart[0, back], change)
        shares = (from_first + change - from_last) / (2 * change)
        return shares, np.maximum(from_first - shares**2 * change, 0)

    def _dip(self, lengths: NDArray[np.intp], shares: Array) -> Array:
        """Where the energy of detail lies between A's and B's in a straight line, 0, and that of their mix, 1."""
        detail = np.zeros(self._memory.reach + 1)
        recent = self._memory.detail[-self._memory.reach - 1 :]
        detail[: len(recent)] = recent[::-1]
        first, last = detail[lengths][:, None], detail[0]
        line = (1 - shares) * first + shares * last
        sag = line - (1 - shares) ** 2 * first - shares**2 * last
        found = line - detail[None, 1:-1]
        return (found * sag).sum(axis=1) / (np.square(sag).sum(axis=1) + 1e-12)

    def _unrelated(self, length: int) -> bool:
        """Whether the latest frame and the one `length` before it are different pictures."""
        last = len(self._memory) - 1
        thumbnails = self._memory.thumbnails(length)
        return (
            self._flat(last)
            or self._flat(last - length)
            or unlike(thumbnails[0], thumbnails[-1], same_light=False) > UNRELATED
        )

    def _everywhere(self, length: int, shares: Array) -> bool:
        """Whether most blocks of the picture follow the one curve."""
        thumbnails = self._memory.thumbnails(length)[::-1]
        first, change = thumbnails[0], thumbnails[-1] - thumbnails[0]
        left = thumbnails[1:-1] - first - shares[:, None, None, None] * change
        changed = block_means(np.square(change))
        follows = block_means(np.square(left)).sum(axis=0) < MOST_BENT * changed * (shares * (1 - shares)).sum()
        return bool((follows & (changed > NOISE)).mean() > 0.5)

    def _transition(self, mix: _Mix, taken: NDArray[np.bool_]) -> Transition:
        rise, fall, shares = ramp(np.array([0, *mix.shares, 1]))
        if self._flat(mix.first):
            rise = 0
        if self._flat(mix.last):
            fall = len(shares) - 1
        mix = _Mix(mix.first + rise, mix.first + fall, shares[rise + 1 : fall], mix.score)
        start, end = mix.first + 1, mix.last
        if self._flat(mix.first):
            while start > 0 and not taken[start - 1] and self._flat(start - 1):
                start -= 1
                taken[start] = True
            ground = float(round(self._memory.mean[mix.first]))
            gains = _settled(self._gains(range(mix.first + 1, end), mix.last, ground))
            return Transition("fade-in", start, end, (*[0.0] * (mix.first + 1 - start), *gains), ground)
        if self._flat(mix.last):
            end = self._plainest(mix.last, taken) + 1
            taken[mix.last : end] = True
            ground = float(round(self._memory.mean[mix.last]))
            gains = _settled(self._gains(range(start, mix.last), mix.first, ground)[::-1])[::-1]
            return Transition("fade-out", start, end, (*gains, *[0.0] * (end - mix.last)), ground)
        return Transition("dissolve", start, end, _settled(mix.shares))

    def _gains(self, frames: range, clean: int, ground: float) -> Array:
        """How far each frame stands from the ground, as a share of how far the clean frame does.

        A fade of a moving picture is dimmer than its mix with the clean frame at the end would say, not so by this.
        """
        mean, contrast = np.array(self._memory.mean), np.array(self._memory.contrast)
        distance = np.sqrt(np.square(mean - ground) + np.square(contrast))
        return (distance[frames.start : frames.stop] / distance[clean]).clip(0, 1)

    def _plainest(self, frame: int, taken: NDArray[np.bool_]) -> int:
        """The plainest frame of the plain ones from `frame` on: where a fade-out hands over. The last, if none fades in."""
        stop = frame
        while stop < len(taken) and not taken[stop] and self._flat(stop):
            stop += 1
        if stop < len(taken) and taken[stop]:
            return frame + int(np.argmin(self._memory.contrast[frame:stop]))
        return max(frame, stop - 1)

    def _flat(self, frame: int) -> bool:
        """Whether a frame is plain black or white."""
        mean, contrast = self._memory.mean[frame], self._memory.contrast[frame]
        return contrast < FLAT and min(mean, 1 - mean) < GROUND


EASINGS: tuple[Callable[[Array], Array], ...] = (
    lambda t: t,
    lambda t: t * t * (3 - 2 * t),
    lambda t: t * t,
    lambda t: t * (2 - t),
)


def ramp(shares: Array) -> tuple[int, int, Array]:
    """The last frame before a curve rises, the first one after, and the curve with what is before at 0 and after at 1.

    A stretch may be longer than its transition, and motion in its clean frames moves the curve too. So a rise of one of the
    usual shapes between two levels is fitted to it, by least squares over every beginning and end.
    """
    count = len(shares)
    begin, end = (grid.ravel() for grid in np.meshgrid(np.arange(count), np.arange(count), indexing="ij"))
    begin, end = begin[end - begin >= SHORTEST], end[end - begin >= SHORTEST]
    time = ((np.arange(count) - begin[:, None]) / (end - begin)[:, None]).clip(0, 1)
    best = (np.inf, 0, count - 1, 0.0, 1.0)
    for easing in EASINGS:
        shape = easing(time)
        centred = shape - shape.mean(axis=1, keepdims=True)
        height = (centred * shares).sum(axis=1) / np.square(centred).sum(axis=1)
        base = shares.mean() - height * shape.mean(axis=1)
        wrong = np.square(base[:, None] + height[:, None] * shape - shares).sum(axis=1)
        wrong[height <= 0] = np.inf
        n = int(wrong.argmin())
        best = min(best, (float(wrong[n]), int(begin[n]), int(end[n]), float(base[n]), float(height[n])))
    _, first, last, low, height = best
    return first, last, ((shares - low) / height).clip(0, 1)


def _settled(shares: Array) -> tuple[float, ...]:
    """The nearest curves that never turn back, from above and from below, averaged."""
    above = np.maximum.accumulate(shares)
    below = np.minimum.accumulate(shares[::-1])[::-1]
    return tuple(float(share) for share in np.round((above + below) / 2, 4))
