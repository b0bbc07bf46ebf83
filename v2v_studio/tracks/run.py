"""Render one direction of a shot, in memory: frames in, frames out. Never sees the project."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np

from v2v_studio.errors import Cancelled, RenderError
from v2v_studio.flow.turned import backwards
from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.motion.base import MOTION, OpenMotion
from v2v_studio.motion.estimate import joined
from v2v_studio.renderers.base import RENDERERS, Carry, OpenRender, Rendered
from v2v_studio.tracks.between import filled
from v2v_studio.tracks.table import Setup
from v2v_studio.tracks.windows import rendered_of, strided, windows
from v2v_studio.types import Anchor, Array, Direction, FlowField, Motion, OnStep, Window, unwatched
from v2v_studio.warping import backward_warp, pixels, planes

BEYOND = cv2.BORDER_REFLECT_101
Item = TypeVar("Item")
Moving = TypeVar("Moving", bound=Motion)
SHOWN = "shown"  # in what is handed on: the last frame of a window, in 8 bits


class MotionCache(Protocol):
    """Where dense motion, which is slow to make, is kept for the next render."""

    def get(self, index: int) -> FlowField | None:
        """The motion of one frame."""
        ...

    def put(self, index: int, motion: FlowField) -> None: ...


@dataclass(frozen=True)
class Progress:
    """Where a render stands, enough to go on from it: the last index rendered, its motion, and what it hands on.

    Index 0 is the anchor, which is the first frame itself and is never rendered.
    """

    index: int = 0
    motion: Motion | None = None
    carry: Carry = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One rendered window: its source frames, its motion (a FlowField on their grid, backward), its output frames
    (T, 3, H, W), and the progress it completes."""

    window: Window
    motion: Motion
    frames: Array
    progress: Progress


class Pass:
    """One first frame carried over a stream of source frames, forwards or backwards in time: the order is the stream's.

    Args:
        setup: the track and its parameters.
        anchor: the first frame and the source frame it was painted on.
        on_step: called within a window too, where that takes long.
    """

    def __init__(self, setup: Setup, anchor: Anchor, on_step: OnStep = unwatched) -> None:
        self._on_step, self._over = on_step, threading.Event()
        renderer = RENDERERS.load(setup.track.renderer)()
        self._directions: tuple[Direction, ...] = renderer.directions
        self._styled = anchor.styled
        self._render: OpenRender = renderer.open(anchor, setup.render_params, setup.seed, self._step)
        source = MOTION.load(setup.track.motion)()
        self._motion: OpenMotion[Motion] = source.open(anchor, setup.motion_params, self._step)
        self._still = anchor.source if source.made else None

    def _step(self) -> None:
        """Motion is made in a second thread, which is not to go on where this one has ended."""
        if self._over.is_set():
            raise Cancelled("the render has ended")
        self._on_step()

    def steps(
        self, previous: Array, frames: Iterable[Array], since: Progress | None = None, cache: MotionCache | None = None
    ) -> Iterator[Step]:
        """Render every frame of the stream.

        Args:
            previous: (3, H, W), the source frame before the first of `frames`.
            frames: (3, H, W) each, from index `since.index + 1` on.
            since: what an interrupted render had completed; None to begin.
            cache: motion known from an earlier render.

        Raises:
            RenderError: a frame is not finite, or constant where the footage is not.
        """
        since = since or Progress()
        length = self._render.window if self._render.stride == 1 else 1
        stream = windows(previous, frames, length, since.index + 1)
        sought = motions(self._motion, stream, since.motion, cache)
        self._over.clear()
        with closing(ahead(self._spans(sought, since.motion), self._over)) as moving:  # both run beside rendering
            carry, before = since.carry, since.motion
            for window, motion, stride in moving:
                seen = on_frames(motion, before)
                shown = window if self._still is None else moved(self._still, window, seen)
                rendered = self._rendered(shown, motion if self._takes(motion) else seen, seen, stride, carry)
                for offset, (source, frame) in enumerate(zip(window.frames, rendered.frames, strict=True)):
                    check(source, frame, window.start + offset)
                carry, before = rendered.carry, last(motion)
                yield Step(window, seen, rendered.frames, Progress(window.stop - 1, before, carry))

    def _takes(self, motion: Motion) -> bool:
        """Whether the renderer takes the motion as it comes."""
        return not isinstance(motion, FlowField) or motion.direction in self._directions

    def _spans(self, sought: Iterable[tuple[Window, Any]], before: Any) -> Iterator[tuple[Window, Any, int]]:
        """Windows as they are rendered, each with the frames from one that is rendered to the next."""
        if self._render.stride == 1:
            return ((window, motion, 1) for window, motion in sought)
        return strided(sought, self._render.window, self._render.stride, before)

    def _rendered(self, window: Window, motion: Any, seen: Any, stride: int, carry: Carry) -> Rendered:
        """The window's frames: those that are rendered, and those between. `carry` holds the last one, for the next."""
        if self._render.stride == 1:
            return self._render.render(window, motion, carry)
        places, own = rendered_of(len(window.frames), stride), dict(carry)
        shown = from_uint8(own.pop(SHOWN)) if own else self._styled  # type: ignore[arg-type]
        part = Window(window.start, window.frames[places], window.previous)
        rendered = self._render.render(part, picked(motion, places), own)
        frames = filled(shown, rendered.frames, places, seen) if stride > 1 else rendered.frames
        return Rendered(frames, {**rendered.carry, SHOWN: to_uint8(frames[-1])})  # type: ignore[dict-item]


def on_frames(motion: Motion, before: Motion | None) -> Motion:
    """A FlowField on the grid of its frames, which is backward; other motion as it is.

    Args:
        before: the motion of the frame before; None at the anchor.
    """
    if not isinstance(motion, FlowField):
        return motion
    return backwards(motion, before if isinstance(before, FlowField) else None)


def moved(source: Array, window: Window, motion: Motion) -> Window:
    """A window whose footage moves as was made up: a renderer that takes looks from footage would not see it otherwise.

    Args:
        source: (3, H, W), the footage of the first frame; where it shows nothing, it goes on mirrored.
    """
    if not isinstance(motion, FlowField):
        return window
    carried = [planes(backward_warp(pixels(source), pixels(way), border=BEYOND)) for way in motion.displacement]
    return replace(window, frames=np.stack(carried))


def motions(
    opened: OpenMotion[Moving], stream: Iterable[Window], before: Motion | None = None, cache: MotionCache | None = None
) -> Generator[tuple[Window, Moving]]:
    """Every window with its motion: the one known from an earlier render, or else estimated, and kept.

    Args:
        before: motion of the last frame before the stream; None at the anchor.
    """
    for window in stream:
        motion: Any = known(cache, window) if cache else None
        if motion is None:
            motion = opened.motion(window, before)
            if cache and isinstance(motion, FlowField):
                for offset in range(len(motion)):
                    cache.put(window.start + offset, motion.entry(offset))
        yield window, motion
        before = last(motion)


def known(cache: MotionCache, window: Window) -> FlowField | None:
    """The motion of a window's frames, where all of it is kept."""
    entries = []
    for index in range(window.start, window.stop):
        kept = cache.get(index)
        if kept is None or kept.size != window.frames.shape[2:]:
            return None
        entries.append(kept)
    return joined(entries)


def picked(motion: FlowField, places: Sequence[int]) -> FlowField:
    """The motion of some of a window's frames, which no longer follow each other."""
    if len(places) == len(motion):
        return motion
    return FlowField(motion.displacement[places], motion.direction, motion.visible[places])


def last(motion: Moving) -> Moving:
    """The motion of a window's last frame, which is all that the next window needs."""
    return motion.entry(len(motion) - 1)


def check(source: Array, frame: Array, index: int) -> None:
    """Refuse a frame that would be a black hole in the edit.

    Raises:
        RenderError: a value is not finite, or the frame is constant although the footage is not.
    """
    if not np.isfinite(frame).all():
        raise RenderError(f"frame {index} of the shot came out with values that are not finite; nothing of it is kept")
    if np.ptp(frame) == 0 and np.ptp(source) > 0.05:
        raise RenderError(f"frame {index} of the shot came out as one flat colour although the footage is not flat")


def ahead(items: Iterator[Item], over: threading.Event | None = None) -> Generator[Item]:
    """The same items, each made in a second thread while the one before is used.

    Args:
        over: set when no more are wanted, so that one that is still being made can be given up.
    """
    with ThreadPoolExecutor(1) as pool:
        end: object = object()
        take: Callable[[], object] = lambda: next(items, end)  # noqa: E731
        try:
            coming = pool.submit(take)
            while (item := coming.result()) is not end:
                coming = pool.submit(take)
                yield item  # type: ignore[misc]
        finally:
            if over:
                over.set()
