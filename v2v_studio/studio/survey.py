"""A survey of a shot: which pixels of it some of its frames show, by the motion alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import numpy as np

from v2v_studio.metrics.coverage import Bits, packed, unseen_from
from v2v_studio.motion.base import MOTION
from v2v_studio.params import parse_params
from v2v_studio.timeline.source import ShotSource
from v2v_studio.types import Anchor, Array, Motion, Window

SEEN = 0.5  # of visibility: as likely shown as not
COUNTED = 240  # frames of a shot that masks are kept of
Shown = tuple[int, np.ndarray]  # index looked from, (H, W) bool: the pixels it shows


class Survey:
    """Masks of what frames of a shot show of it, one bit a pixel: at 320x320 3 MB at most for each frame looked from.

    Args:
        source: the shot.
        frames: its own frames, without transitions beside it.
        size: (width, height) of them.

    Attributes:
        counted: the frames that masks are kept of, ascending: all, or COUNTED of them evenly spaced.
        masks: frame looked from -> (len(counted), B).
    """

    def __init__(self, source: ShotSource, frames: range, size: tuple[int, int]) -> None:
        self.source, self.frames, self.pixels = source, frames, size[0] * size[1]
        self.counted = spread(frames, COUNTED)
        self.masks: dict[int, Bits] = {}

    def look_from(self, chosen: Collection[int], on_frame: Callable[[], None]) -> None:
        """Follow these frames to both ends of the shot. `on_frame` is called once for each frame read."""
        place = {frame: row for row, frame in enumerate(self.counted)}
        self.masks |= {frame: np.zeros_like(self.unseen(())) for frame in chosen}
        ways = (
            zip(self.frames, self.source.forwards(self.frames.start), strict=True),
            zip(self.frames[::-1], self.source.backwards(self.frames.stop - 1), strict=True),
        )
        for way in ways:
            for frame, shown in look(way, chosen):
                if frame in place:
                    for view, mask in shown:
                        self.masks[view][place[frame]] = packed(mask)
                on_frame()

    def unseen(self, views: Iterable[int]) -> Bits:
        """(len(counted), B), what none of the frames looked from shows."""
        return unseen_from([self.masks[view] for view in views], len(self.counted), self.pixels)


def look(stream: Iterable[tuple[int, Array]], chosen: Collection[int]) -> Iterator[tuple[int, list[Shown]]]:
    """What the chosen frames of a stream show of each that comes after them. The stream is read once.

    Args:
        stream: (index, frame (3, H, W)), in either order of time.
        chosen: indices of the frames to look from.

    Yields:
        each frame's index, and what every chosen frame so far shows of it; a chosen one shows all of itself.
    """
    views: dict[int, View] = {}
    previous: Array | None = None
    with ThreadPoolExecutor(2) as pool:  # OpenCV itself is single-threaded
        for index, frame in stream:
            shown: list[Shown] = []
            if previous is not None:
                masks = pool.map(View.shown, views.values(), repeat(previous), repeat(frame))
                shown = list(zip(views, masks, strict=True))
            if index in chosen:
                views[index] = View(frame)
                shown.append((index, np.ones(frame.shape[1:], bool)))
            yield index, shown
            previous = frame


class View:
    """One frame followed through those after it, by the motion of a draft.

    Args:
        frame: (3, H, W).
    """

    def __init__(self, frame: Array) -> None:
        source = MOTION.load("estimate")()
        params = parse_params(source.Params, {"quality": "draft"}, "motion 'estimate'")
        self._opened = source.open(Anchor(frame, frame), params)
        self._motion: Motion | None = None
        self._index = 0

    def shown(self, previous: Array, frame: Array) -> np.ndarray:
        """(H, W) bool: the pixels of the next frame that it shows. `previous` is the frame before that one."""
        self._index += 1
        motion: Motion = self._opened.motion(Window(self._index, frame[None], previous), self._motion)
        self._motion = motion
        return motion.visible[0, 0] >= SEEN


def spread(frames: range, count: int) -> list[int]:
    """So many frames, or all, evenly spaced from the first to the last.

    Example:
        >>> spread(range(10, 21), 3)
        [10, 15, 20]
    """
    places = np.linspace(0, len(frames) - 1, min(count, len(frames)))
    return [frames[round(float(place))] for place in places]
