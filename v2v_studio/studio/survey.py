"""A survey of a shot: which pixels of it some of its frames show, by the motion alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

import numpy as np

from v2v_studio.metrics.coverage import Bits, Choice, greedy, neighbours, packed, pixels_in, unseen_from
from v2v_studio.motion.base import OpenMotion
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.run import MotionCache, last, motions
from v2v_studio.types import Array, FlowField, Window

SEEN = 0.5  # of visibility: as likely shown as not
COUNTED = 240  # frames of a shot that masks are kept of
Direction = Literal["forward", "backward"]
Shown = tuple[int, np.ndarray]  # index looked from, (H, W) bool: the pixels it shows


class View:
    """One frame followed through those after it, in either order of time.

    Args:
        motion: against that frame.
        cache: motion known from a render or an earlier look; what is estimated now is kept there.
    """

    def __init__(self, motion: OpenMotion[FlowField], cache: MotionCache | None = None) -> None:
        self._motion, self._cache = motion, cache
        self._before: FlowField | None = None
        self._index = 0

    def shown(self, previous: Array, frame: Array) -> np.ndarray:
        """(H, W) bool: the pixels of the next frame that it shows. `previous` is the frame before that one."""
        self._index += 1
        window = Window(self._index, frame[None], previous)
        ((_, motion),) = motions(self._motion, [window], self._before, self._cache)
        self._before = last(motion)
        return motion.visible[0, 0] >= SEEN


Follow = Callable[[int, Direction, Array], View]  # index of a frame, which way, the frame (3, H, W)


@dataclass(frozen=True)
class Way:
    """One of the two orders of time.

    Attributes:
        stream: (index, frame (3, H, W)) in that order.
        until: index of each frame to look from -> of the last frame that it is followed to.
    """

    direction: Direction
    stream: Iterable[tuple[int, Array]]
    until: Mapping[int, int]


class Survey:
    """Masks of what frames of a shot show of it, one bit a pixel, as far as a take would be carried from them.

    Args:
        source: the shot.
        frames: its own frames, without transitions beside it.
        size: (width, height) of them.
        now: frames that are painted already: nothing is carried beyond the next one of them.
        follow: begins to follow a frame.
        step_seconds: of one core, about, to follow a frame to one more.

    Attributes:
        counted: the frames that masks are kept of, ascending: all, or COUNTED of them evenly spaced.
        masks: frame looked from -> (len(counted), B).
    """

    def __init__(
        self,
        source: ShotSource,
        frames: range,
        size: tuple[int, int],
        now: Collection[int],
        follow: Follow,
        step_seconds: float,
    ) -> None:
        self.source, self.frames, self.pixels = source, frames, size[0] * size[1]
        self.now, self._follow, self._step_seconds = frozenset(now), follow, step_seconds
        self.counted = spread(frames, COUNTED)
        self.masks: dict[int, Bits] = {}

    def reach(self, frame: int) -> tuple[int, int]:
        """The first and the last frame that one is followed to."""
        low, high = neighbours(frame, self.now)
        first = self.frames.start if low is None else low + 1
        return first, self.frames.stop - 1 if high is None else high - 1

    def seconds(self, chosen: Iterable[int]) -> float:
        """Of one core, about, to look from these."""
        return self._step_seconds * sum(last - first for first, last in map(self.reach, chosen))

    def look_from(self, chosen: Collection[int], on_step: Callable[[float], None]) -> None:
        """Follow these frames both ways. `on_step` is told the seconds of each frame that one of them is followed to."""
        place = {frame: row for row, frame in enumerate(self.counted)}
        self.masks |= {frame: np.zeros_like(self.unseen(())) for frame in chosen}
        for way in self._ways(chosen):
            for frame, shown in look(way, self._follow):
                for view, mask in shown:
                    if frame in place:
                        self.masks[view][place[frame]] = packed(mask)
                    if view != frame:
                        on_step(self._step_seconds)

    def _ways(self, chosen: Collection[int]) -> Iterator[Way]:
        """Each read from the first frame that is looked from."""
        if not chosen:
            return
        first, final = min(chosen), max(chosen)
        up, down = range(first, self.frames.stop), range(final, self.frames.start - 1, -1)
        forwards, backwards = self.source.forwards(first), self.source.backwards(final)
        yield Way("forward", zip(up, forwards, strict=False), {frame: self.reach(frame)[1] for frame in chosen})
        yield Way("backward", zip(down, backwards, strict=False), {frame: self.reach(frame)[0] for frame in chosen})

    def unseen(self, views: Collection[int]) -> Bits:
        """(len(counted), B), what is unseen in a take that is carried from these frames."""
        return unseen_from(self.masks, views, self.counted, self.pixels)

    def unseen_pixels(self, views: Collection[int]) -> np.ndarray:
        """(len(counted),) int, how many those are."""
        return pixels_in(self.unseen(views))

    def chosen(self, views: Collection[int], count: int) -> list[Choice]:
        """Which of the other frames looked from to add to these: the one that adds most first."""
        return greedy(self.masks, views, count, self.counted, self.pixels)


def look(way: Way, follow: Follow) -> Iterator[tuple[int, list[Shown]]]:
    """What frames of a stream show of each that comes after them. The stream is read once, and no further than need be.

    Yields:
        each frame's index, and what every frame that is followed to it shows of it; one looked from shows all of itself.
    """
    views: dict[int, View] = {}
    waiting = dict(way.until)
    previous: Array | None = None
    with ThreadPoolExecutor(2) as pool:  # OpenCV itself is single-threaded
        for index, frame in way.stream:
            shown: list[Shown] = []
            if previous is not None:
                masks = pool.map(View.shown, views.values(), repeat(previous), repeat(frame))
                shown = list(zip(views, masks, strict=False))
            if index in waiting:
                views[index] = follow(index, way.direction, frame)
                shown.append((index, np.ones(frame.shape[1:], bool)))
                del waiting[index]
            yield index, shown
            views = {view: followed for view, followed in views.items() if way.until[view] != index}
            if not views and not waiting:
                return
            previous = frame


def spread(frames: range, count: int) -> list[int]:
    """So many frames, or all, evenly spaced from the first to the last.

    Example:
        >>> spread(range(10, 21), 3)
        [10, 15, 20]
    """
    places = np.linspace(0, len(frames) - 1, min(count, len(frames)))
    return [frames[round(float(place))] for place in places]
