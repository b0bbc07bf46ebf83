"""The footage of one shot as renderers want it: at working size, transitions taken apart, forwards or backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from v2v_studio.project.records import Shot
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.extent import extent, transition_into, transition_out_of
from v2v_studio.timeline.transitions import curve_at, unfade, unmix
from v2v_studio.types import Array

CHUNK = 16  # frames held at once when footage is read backwards


Read = Callable[[int, int], Iterator[Array]]  # (start, stop) -> frames of the footage at the working size


class ShotSource:
    """Clean source frames of a shot and of the transitions beside it.

    A frame of a transition shows the shot's own picture with the neighbour or the ground taken out of it; where too
    little of it is left, the last clean frame stands still.

    Args:
        read: the footage, at the working size.
        shot: its range is clean.
        transitions: those of the footage.
    """

    def __init__(self, read: Read, shot: Shot, transitions: Sequence[Transition]) -> None:
        self._read, self._shot = read, shot
        self._into, self._out = transition_into(shot, transitions), transition_out_of(shot, transitions)
        self._neighbours: dict[int, Array] = {}
        self.first, self.last = extent(shot, transitions)

    def frame(self, index: int) -> Array:
        """One frame of the shot itself, (3, H, W)."""
        return next(self.forwards(index))

    def forwards(self, start: int) -> Iterator[Array]:
        """Clean frames start, start + 1, ... up to the last. They begin in the shot or after it."""
        return self._clean(start, range(min(start, self._shot.end - 1), self.last))

    def backwards(self, start: int) -> Iterator[Array]:
        """Clean frames start, start - 1, ... down to the first. They begin in the shot or before it."""
        return self._clean(start, range(max(start, self._shot.start), self.first - 1, -1))

    def _clean(self, start: int, order: range) -> Iterator[Array]:
        """Frames of `order`, which begins inside the shot, from `start` on."""
        held: Array | None = None
        reached = False
        for index, raw in zip(order, self._raw(order), strict=True):
            cleaned = self._without_neighbour(index, raw)
            held = raw if held is None and cleaned is None else cleaned if cleaned is not None else held
            reached = reached or index == start
            if reached:
                assert held is not None
                yield held

    def _raw(self, order: range) -> Iterator[Array]:
        if order.step > 0:
            yield from self._read(order.start, order.stop)
            return
        for top in range(order.start, order.stop, -CHUNK):
            bottom = max(order.stop, top - CHUNK)
            yield from reversed(list(self._read(bottom + 1, top + 1)))

    def _without_neighbour(self, index: int, raw: Array) -> Array | None:
        transition = self._into if index < self._shot.start else self._out if index >= self._shot.end else None
        if transition is None:
            return raw
        share = curve_at(transition, index)
        if transition.kind != "dissolve":
            return unfade(raw, share, transition.ground)
        if transition is self._into:
            return unmix(raw, share, self._neighbour(transition.start - 1))
        return unmix(raw, 1 - share, self._neighbour(transition.end))

    def _neighbour(self, index: int) -> Array:
        if index not in self._neighbours:
            self._neighbours[index] = next(self._read(index, index + 1))
        return self._neighbours[index]
