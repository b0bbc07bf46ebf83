"""Two pictures as one, for people: side by side, with a moving wipe, or their difference; captions in a band below.

Composited with moviepy, whose clips are functions of time in floating seconds. Asked at the edges of frames it repeats and
loses some at 24000/1001, so here it is only ever asked in the middle of one, (i + 1/2) / rate, where rounding cannot reach
another frame; frames go in and come out one by one, and none is held longer than it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import floor, pi, sin
from typing import Any, NamedTuple

import numpy as np
from moviepy.video.compositing.CompositeVideoClip import CompositeVideoClip
from moviepy.video.VideoClip import ColorClip, VideoClip
from PIL import Image, ImageDraw, ImageFont

from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.sheets import BACKGROUND, TEXT
from v2v_studio.types import Array

GAP = 8  # pixels between two pictures side by side; even, so that the whole is
SWEEP = 4.0  # seconds in which a wipe goes right, left, and back to the middle
LINE = 2  # pixels
ONE_LINE = 320  # pixels of width from which three captions stand beside each other
GAIN = 4  # of a difference: most looks differ from the next by less than a quarter of the range


class Captions(NamedTuple):
    """What the band says: below the left picture, in the middle, and below the right picture."""

    left: str
    middle: str
    right: str


def composited(
    pairs: Iterable[tuple[Array, Array]],
    count: int,
    rate: Fraction,
    layout: str,
    captions: Callable[[int], Captions],
) -> Iterator[Array]:
    """Pairs of frames (3, H, W), all of one size -> one frame each, rounded to 8 bits, with a band of captions below.

    Args:
        pairs: left and right; as many as `count`, at least one.
        rate: frames per second, for the pace of a wipe.
        layout: a key of `LAYOUTS`. A wipe shows the left picture on the left of its line; of a single pair, in the
            middle. A difference is shown `GAIN` times as large.
        captions: index -> what the band says.
    """
    duration = float(count / rate)
    left, right = _clips(pairs, rate, duration)
    clips = LAYOUTS[layout](left, right)
    width, height = (int(max(clip.pos(0)[i] + clip.size[i] for clip in clips)) for i in (0, 1))
    band = VideoClip(lambda t: _band(width, captions(floor(t * rate))), duration=duration)
    size = (width, height + band.size[1])
    whole = CompositeVideoClip([*clips, band.with_position((0, height))], size=size, bg_color=BACKGROUND)
    for index in range(count):
        shown = whole.get_frame(float((index + Fraction(1, 2)) / rate))
        yield from_uint8(np.ascontiguousarray(shown.transpose(2, 0, 1)))


def _clips(pairs: Iterable[tuple[Array, Array]], rate: Fraction, duration: float) -> list[VideoClip]:
    """The two sides as clips, which may be asked for later and later moments only."""
    coming = enumerate((to_uint8(a).transpose(1, 2, 0), to_uint8(b).transpose(1, 2, 0)) for a, b in pairs)
    held = next(coming)

    def at(seconds: float, side: int) -> Any:
        nonlocal held
        while held[0] < floor(seconds * rate):
            held = next(coming)
        return held[1][side]

    return [VideoClip(lambda t, side=side: at(t, side), duration=duration) for side in (0, 1)]


def _side(left: VideoClip, right: VideoClip) -> list[VideoClip]:
    return [left, right.with_position((left.size[0] + GAP, 0))]


def _wipe(left: VideoClip, right: VideoClip) -> list[VideoClip]:
    width, height = left.size
    columns = np.arange(width)
    period = min(SWEEP, left.duration)

    def edge(seconds: float) -> int:
        return round(width * (1 + sin(2 * pi * seconds / period)) / 2)

    def mask(seconds: float) -> Any:
        return np.broadcast_to(np.where(columns < edge(seconds), 1.0, 0.0), (height, width))

    shown = left.with_mask(VideoClip(mask, is_mask=True, duration=left.duration))
    line = ColorClip((LINE, height), color=(255, 255, 255), duration=left.duration)
    return [right, shown, line.with_position(lambda t: (edge(t) - LINE // 2, 0))]


def _difference(left: VideoClip, right: VideoClip) -> list[VideoClip]:
    def at(seconds: float) -> Any:
        apart = np.abs(left.get_frame(seconds).astype(np.int16) - right.get_frame(seconds))
        return np.minimum(GAIN * apart, 255).astype(np.uint8)

    return [VideoClip(at, duration=left.duration)]


LAYOUTS: dict[str, Callable[[VideoClip, VideoClip], list[VideoClip]]] = {
    "side": _side,
    "wipe": _wipe,
    "difference": _difference,
}


def _band(width: int, captions: Captions) -> Any:
    """(h, width, 3) uint8. One line, or two where one is too short for three captions; its height is the width's alone."""
    type_size = max(8, min(24, width // 40))
    line = type_size + type_size // 2 + 3
    lines = 1 if width >= ONE_LINE else 2
    font = ImageFont.load_default(type_size)
    image = Image.new("RGB", (width, (lines * line + 1) // 2 * 2), BACKGROUND)
    draw = ImageDraw.Draw(image)
    draw.text((4, line // 2), captions.left, TEXT, font, "lm")
    draw.text((width // 2, line // 2 + (lines - 1) * line), captions.middle, TEXT, font, "mm")
    draw.text((width - 4, line // 2), captions.right, TEXT, font, "rm")
    return np.asarray(image)
