"""The coverage curve as a picture: how much of each frame is unseen, now and with each further first frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from v2v_studio.sheets import BACKGROUND, TEXT, Colour
from v2v_studio.types import Array

Curve = Sequence[tuple[int, float]]  # (frame number, share of its pixels unseen)

WIDTH, HEIGHT = 960, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 40, 32  # margins around the plot
FAINT: Colour = (70, 70, 74)
NOW: Colour = (176, 176, 184)
COLOURS: tuple[Colour, ...] = ((232, 104, 72), (232, 196, 104), (122, 206, 150), (104, 178, 232), (200, 132, 214))
STEPS = (0.02, 0.05, 0.1, 0.25)  # between grid lines: the finest that leaves no more than five


def coverage_picture(curves: Mapping[str, Curve]) -> Array:
    """Draw unseen shares over frame numbers, (3, HEIGHT, WIDTH) float32 in [0, 1].

    Args:
        curves: caption -> curve, all over the same frames; the first one is drawn in grey, as what is there now.
    """
    canvas = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(12)
    highest = max(share for curve in curves.values() for _, share in curve)
    step = next((step for step in STEPS if highest <= 5 * step), STEPS[-1])
    top = step * max(1, int(np.ceil(highest / step - 1e-9)))
    numbers = [number for number, _ in next(iter(curves.values()))]

    def place(number: float, share: float) -> tuple[float, float]:
        along = (number - numbers[0]) / max(1, numbers[-1] - numbers[0])
        return LEFT + along * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - share / top * (HEIGHT - TOP - BOTTOM)

    for share in np.arange(0, top + step / 2, step):
        y = place(numbers[0], share)[1]
        draw.line((LEFT, y, WIDTH - RIGHT, y), FAINT)
        draw.text((LEFT - 8, y), f"{share:.0%}", TEXT, font, anchor="rm")
    for number in ticks(numbers[0], numbers[-1]):
        draw.text((place(number, 0)[0], HEIGHT - BOTTOM + 6), str(number), TEXT, font, anchor="ma")
    x = float(LEFT)
    draw.text((x, 14), "unseen of each frame:", TEXT, font, anchor="lm")
    x += font.getlength("unseen of each frame:") + 16
    for index, (caption, curve) in enumerate(curves.items()):
        colour = COLOURS[(index - 1) % len(COLOURS)] if index else NOW
        points = [place(*point) for point in curve]
        draw.line(points * 2 if len(points) == 1 else points, colour, 2, joint="curve")
        draw.text((x, 14), caption, colour, font, anchor="lm")
        x += font.getlength(caption) + 16
    return np.ascontiguousarray(np.asarray(canvas, np.float32).transpose(2, 0, 1) / 255)


def ticks(first: int, last: int) -> list[int]:
    """Frame numbers to write below the plot: first and last, and even steps between that leave room for both."""
    step = max(1, -(-(last - first) // 10))
    return [*range(first, last - step // 2, step), last]
