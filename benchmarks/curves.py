"""Curves as a picture: shares of where each began, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from v2v_studio.media.frames import from_uint8
from v2v_studio.types import Array
from v2v_studio.warping import planes

WIDTH, HEIGHT = 330, 190  # of one curve's field
LEFT, TOP, RIGHT, BOTTOM = 46, 30, 12, 24  # margins in it
DECADES = 3  # below the beginning
COLUMNS = 3
INK, GRID, LINE, GOAL = (40, 40, 40), (222, 222, 222), (28, 96, 168), (196, 84, 28)


class Curve(NamedTuple):
    """Points (step, share of the beginning), of so many steps."""

    title: str
    points: Sequence[tuple[float, float]]
    steps: int


def picture(curves: Sequence[Curve], goal: float) -> Array:
    """A sheet of all curves, each in a field of its own, with a line at the share that is to be reached."""
    rows = -(-len(curves) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * WIDTH, rows * HEIGHT), "white")
    for place, curve in enumerate(curves):
        sheet.paste(_field(curve, goal), (place % COLUMNS * WIDTH, place // COLUMNS * HEIGHT))
    return planes(from_uint8(np.asarray(sheet)))


def _field(curve: Curve, goal: float) -> Image.Image:
    field = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(field), ImageFont.load_default(12)

    def at(step: float, share: float) -> tuple[float, float]:
        depth = min(DECADES, max(-0.3, -np.log10(max(share, 1e-9))))
        across = (WIDTH - LEFT - RIGHT) * step / curve.steps
        return LEFT + across, TOP + (HEIGHT - TOP - BOTTOM) * (depth + 0.3) / (DECADES + 0.3)

    for decade in range(DECADES + 1):
        share = 10.0**-decade
        draw.line([at(0, share), at(curve.steps, share)], GRID)
        draw.text((LEFT - 6, at(0, share)[1]), f"{share:g}", INK, font, anchor="rm")
    draw.line([at(0, goal), at(curve.steps, goal)], GOAL)
    draw.line([at(*point) for point in curve.points], LINE, 2, joint="curve")
    draw.text((LEFT, 8), curve.title, INK, font)
    for step, anchor in ((0, "lm"), (curve.steps, "rm")):
        draw.text((at(step, 1)[0], HEIGHT - 11), f"{step}" + (" steps" if step else ""), INK, font, anchor=anchor)
    return field
