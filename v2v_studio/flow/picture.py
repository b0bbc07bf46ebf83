"""Motion as pictures for people: a colour wheel, arrows over the frame, or a grid that moves along."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import grid, pixels, planes

# Baker et al. 2007: how many colours lie between red, yellow, green, cyan, blue, magenta and red again.
TRANSITIONS = (15, 6, 4, 11, 13, 6)
LINE = np.array([1, 0.85, 0.25], np.float32)  # a yellow that few footages have
CORNERS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1], [1, 0, 0]], np.float32)


def wheel() -> Array:
    """(55, 3) RGB: the hues of the colour wheel, from motion to the right onwards, turning from x towards y."""
    parts = [
        start + (end - start) * np.arange(n, dtype=np.float32)[:, None] / n
        for start, end, n in zip(CORNERS, CORNERS[1:], TRANSITIONS, strict=False)
    ]
    return np.concatenate(parts).astype(np.float32)


def colour_wheel(displacement: Array, longest: float | None = None) -> Array:
    """A displacement as colours: the hue is its direction, white is no motion, full colour is `longest`.

    Args:
        displacement: (2, H, W) in pixels.
        longest: pixels at full colour; longer ones are darker. None takes the 99th percentile of the lengths.

    Returns:
        (3, H, W) RGB in [0, 1].

    Example:
        >>> still = np.zeros((2, 1, 1), np.float32)
        >>> colour_wheel(still)[:, 0, 0].tolist()
        [1.0, 1.0, 1.0]
    """
    if longest is None:
        longest = max(float(np.percentile(np.hypot(*displacement), 99)), 1.0)
    return _coloured(displacement / np.float32(longest))


def with_legend(picture: Array) -> Array:
    """A picture (3, H, W) of colours with the wheel they are of in its lower right corner."""
    picture = picture.copy()
    radius = max(8, min(picture.shape[1:]) // 8)
    y, x = np.mgrid[-1 : 1 : (2 * radius + 1) * 1j, -1 : 1 : (2 * radius + 1) * 1j].astype(np.float32)
    disc = np.hypot(x, y) <= 1
    h, w = min(disc.shape[0], picture.shape[1]), min(disc.shape[1], picture.shape[2])
    corner = picture[:, -h:, -w:]
    corner[:, disc[-h:, -w:]] = _coloured(np.stack([x, y]))[:, -h:, -w:][:, disc[-h:, -w:]]
    return picture


def arrows(frame: Array, displacement: Array, every: int = 24) -> Array:
    """The frame, dimmed, with an arrow on every n-th pixel from where it is to where its displacement points.

    Args:
        frame: (3, H, W) RGB in [0, 1].
        displacement: (2, H, W) in pixels, on the frame's grid.

    Returns:
        (3, H, W) RGB in [0, 1].
    """
    canvas = np.ascontiguousarray(pixels(frame) * np.float32(0.6))
    colours = pixels(colour_wheel(displacement))
    h, w = canvas.shape[:2]
    for y in range(every // 2, h, every):
        for x in range(every // 2, w, every):
            end = (round(x + float(displacement[0, y, x])), round(y + float(displacement[1, y, x])))
            colour = tuple(float(c) for c in colours[y, x])
            cv2.arrowedLine(canvas, (x, y), end, colour, 1, cv2.LINE_AA, tipLength=0.3)
    return planes(canvas)


def warped_grid(frame: Array, displacement: Array, visible: Array, every: int = 16) -> Array:
    """The frame, dimmed, under a regular grid that was drawn on the reference and moved along with it.

    Squares stay squares where the reference moved as one piece; they lean, stretch and fold where it did not. No line is
    drawn where the reference does not show the pixel.

    Args:
        frame: (3, H, W) RGB in [0, 1].
        displacement: (2, H, W) in pixels, backward: on the frame's grid, pointing into the reference.
        visible: (H, W) in [0, 1].
        every: pixels of the reference between two lines; every fourth line is bold.

    Returns:
        (3, H, W) RGB in [0, 1].
    """
    positions = grid(*displacement.shape[1:]) + pixels(displacement)
    off, off_bold = (np.abs((positions + n / 2) % n - n / 2).min(2) for n in (every, 4 * every))
    line = np.maximum(np.clip(1.2 - off, 0, 1), np.clip(2.0 - off_bold, 0, 1)) * visible
    return (frame * np.float32(0.6) * (1 - line) + LINE[:, None, None] * line).astype(np.float32)


def _coloured(motion: Array) -> Array:
    """(2, H, W) of length 1 at full colour -> (3, H, W)."""
    hues = wheel()
    length = np.hypot(*motion)
    turn = np.arctan2(motion[1], motion[0]) / np.float32(2 * np.pi) % 1 * len(hues)
    first = turn.astype(np.int32) % len(hues)
    part = (turn - np.floor(turn))[..., None]
    hue = hues[first] * (1 - part) + hues[(first + 1) % len(hues)] * part
    faded = 1 - np.minimum(length, 1)[..., None] * (1 - hue)
    return planes(np.where(length[..., None] > 1, hue * np.float32(0.75), faded).astype(np.float32))
