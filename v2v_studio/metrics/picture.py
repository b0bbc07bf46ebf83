"""The metrics of a take as a strip: one curve per measure over the frames, flagged frames marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from v2v_studio.metrics.flags import BOUNDS, Flag, flags
from v2v_studio.sheets import BACKGROUND, TEXT, Colour
from v2v_studio.types import Array

LANE, HEAD, GUTTER, MARGIN = 64, 22, 190, 16
FAINT: Colour = (70, 70, 74)
LIMIT: Colour = (150, 96, 60)
MARK: Colour = (232, 104, 72)
# measure -> caption, colour of its curve, and the range that is shown at the least
CURVES: dict[str, tuple[str, Colour, float, float]] = {
    "temporal_difference_error": ("temporal error, levels", (104, 178, 232), 0, 5),
    "flicker": ("flicker, levels", (232, 196, 104), 0, 3),
    "colour_drift": ("colour drift, Oklab", (200, 132, 214), 0, 0.04),
    "sharpness": ("sharpness, ratio", (122, 206, 150), 0.7, 1.1),
    "visible": ("visible share", (176, 176, 184), 0, 1),
}


def strip(rows: Sequence[Mapping[str, float]], start: int = 1001, width: int = 960) -> Array:
    """Draw the rows of a take as (3, H, width) float32 in [0, 1].

    Args:
        rows: of `TakeMetrics`.
        start: frame number of rows[0].
        width: pixels.

    Raises:
        ValueError: there are no rows.
    """
    if not rows:
        raise ValueError("a strip needs at least one row of metrics")
    raised, measured = flags(rows), [measure for measure in CURVES if measure in rows[0]]
    canvas = Image.new("RGB", (width, HEAD + LANE * len(measured) + HEAD), BACKGROUND)
    draw = ImageDraw.Draw(canvas)
    x = np.linspace(GUTTER, width - MARGIN, len(rows)) if len(rows) > 1 else np.array([(GUTTER + width - MARGIN) / 2])
    for index in sorted({flag.index for flag in raised}):
        draw.line((x[index], HEAD, x[index], HEAD + LANE * len(measured)), (84, 56, 50), 2)
    for lane, measure in enumerate(measured):
        values = np.array([row[measure] for row in rows])
        _lane(draw, HEAD + lane * LANE, x, values, measure, [flag for flag in raised if flag.measure == measure])
    _ruler(draw, HEAD + LANE * len(measured), x, start)
    font = ImageFont.load_default(12)
    frames = len({flag.index for flag in raised})
    draw.text((MARGIN, 4), f"{len(rows)} frames, {frames} flagged", TEXT, font)
    return np.ascontiguousarray(np.asarray(canvas, np.float32).transpose(2, 0, 1) / 255)


def _lane(
    draw: ImageDraw.ImageDraw, top: int, x: np.ndarray, values: np.ndarray, measure: str, raised: list[Flag]
) -> None:
    caption, colour, low, high = CURVES[measure]
    limit = BOUNDS[measure].limit(values)
    low, high = min(low, float(values.min())), max(high, 1.05 * float(values.max()))

    def height(value: float) -> float:
        return top + LANE - 8 - (LANE - 16) * (value - low) / (high - low)

    font = ImageFont.load_default(12)
    draw.line((GUTTER, top + LANE - 8, x[-1], top + LANE - 8), FAINT)
    if low <= limit <= high:
        for left in np.arange(GUTTER, x[-1], 8):
            draw.line((left, height(limit), left + 3, height(limit)), LIMIT)
    points = [(float(a), height(float(v))) for a, v in zip(x, values, strict=True)]
    draw.line(points, colour, 2, joint="curve")
    for a, b in points if len(points) < 3 else []:
        draw.ellipse((a - 2, b - 2, a + 2, b + 2), colour)
    for flag in raised:
        a, b = points[flag.index]
        draw.ellipse((a - 4, b - 4, a + 4, b + 4), outline=MARK, width=2)
    worst = values.min() if BOUNDS[measure].low else values.max()
    draw.text((MARGIN, top + 12), caption, TEXT, font)
    draw.text((MARGIN, top + 30), f"median {np.median(values):.3g}   worst {worst:.3g}", colour, font)


def _ruler(draw: ImageDraw.ImageDraw, top: int, x: np.ndarray, start: int) -> None:
    """Frame numbers, as many as fit."""
    font = ImageFont.load_default(11)
    room = max(1, int((x[-1] - x[0]) / 56))
    every = max(1, -(-len(x) // room))
    for index in range(0, len(x), every):
        draw.text((x[index], top + 3), str(start + index), TEXT, font, anchor="ma")
