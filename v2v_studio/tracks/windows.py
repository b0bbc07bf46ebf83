"""A shot of any length, cut into windows: the only thing that bounds memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from v2v_studio.motion.estimate import joined
from v2v_studio.types import Array, FlowField, Window

CALM = 0.02  # of the shorter side: how far things may move from one frame that is rendered to the next


def windows(previous: Array, frames: Iterable[Array], length: int, start: int = 1) -> Iterator[Window]:
    """Group a stream of frames into windows, holding no more than one at a time.

    Args:
        previous: (3, H, W), the source frame before the first of `frames`.
        frames: (3, H, W) each, in order.
        length: frames in a window; the last one may be shorter.
        start: index of the first of `frames`, counted from the anchor.

    Example:
        >>> still = np.zeros((3, 2, 2), np.float32)
        >>> [(w.start, w.stop) for w in windows(still, [still] * 5, length=2)]
        [(1, 3), (3, 5), (5, 6)]
    """
    held: list[Array] = []
    for frame in frames:
        held.append(frame)
        if len(held) == length:
            yield Window(start, np.stack(held), previous)
            start, previous, held = start + length, held[-1], []
    if held:
        yield Window(start, np.stack(held), previous)


def strided(
    moving: Iterable[tuple[Window, FlowField]], length: int, most: int, before: FlowField | None = None
) -> Iterator[tuple[Window, FlowField, int]]:
    """Group windows of one frame into larger ones, which span the more time the less moves in them.

    A window has `length` strides. A stride is `most` frames where nothing moves farther than CALM within it, else half as
    many, and so on down to one. Only the last frame of each stride is to be rendered (`rendered_of`).

    Args:
        moving: windows of one frame with their motion, in order; no more than length * most are held.
        before: the motion of the frame before the first; None where that is the anchor.

    Yields:
        Each window, its motion, and frames in a stride.
    """
    held: list[tuple[Window, FlowField]] = []
    speeds: list[float] = []
    for window, motion in moving:
        held.append((window, motion))
        speeds.append(speed(motion, before))
        before = motion
        calm = CALM * min(motion.size)
        while len(held) >= length * (stride := stride_of(speeds, length, most, calm)):
            cut = length * stride
            yield _whole(held[:cut], stride)
            held, speeds = held[cut:], speeds[cut:]
    while held:
        stride = stride_of(speeds, length, most, calm)
        cut = length * stride
        yield _whole(held[:cut], stride)
        held, speeds = held[cut:], speeds[cut:]


def stride_of(speeds: Sequence[float], length: int, most: int, calm: float) -> int:
    """The longest stride by which a window may begin with frames of these speeds.

    Example:
        >>> stride_of([1, 1, 1, 1], length=2, most=4, calm=2), stride_of([1, 1, 1, 9], length=1, most=4, calm=2)
        (2, 2)
    """
    stride = most
    while stride > 1:
        window = speeds[: length * stride]
        if all(sum(window[i : i + stride]) <= calm for i in range(0, len(window), stride)):
            break
        stride //= 2
    return stride


def rendered_of(count: int, stride: int) -> list[int]:
    """Which frames of a window are rendered: the last of each stride, and the last of all.

    Example:
        >>> rendered_of(6, 1), rendered_of(6, 4)
        ([0, 1, 2, 3, 4, 5], [3, 5])
    """
    last = [*range(stride - 1, count, stride)]
    return last if last and last[-1] == count - 1 else [*last, count - 1]


def speed(motion: FlowField, before: FlowField | None) -> float:
    """Pixels that one frame has moved from the one before, a hundredth of it left out: single wrong vectors are long."""
    step = motion.displacement[0] if motion.step is None else motion.step[0]
    if motion.step is None and before is not None:
        step = step - before.displacement[-1]
    return float(np.percentile(np.hypot(*step), 99))


def _whole(parts: Sequence[tuple[Window, FlowField]], stride: int) -> tuple[Window, FlowField, int]:
    first = parts[0][0]
    frames = np.concatenate([window.frames for window, _ in parts])
    return Window(first.start, frames, first.previous), joined([motion for _, motion in parts]), stride
