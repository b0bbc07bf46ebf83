"""The score curve of a cut as a picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from v2v_studio.shots.base import Cut
from v2v_studio.types import Array

WIDTH, HEIGHT, MARGIN, STRIP = 960, 180, 12, 20
GROUND, TEXT, CURVE = (34, 34, 36), (150, 150, 155), (225, 225, 228)
CUT, THRESHOLD = (255, 140, 60), (110, 110, 115)
COLOURS = {"dissolve": (70, 130, 200), "fade-in": (95, 95, 150), "fade-out": (95, 95, 150)}


def score_picture(cut: Cut, rate: Fraction) -> Array:
    """The detector's scores over time, with cuts, threshold, transitions and seconds marked.

    Heights are square roots, so that a small score beside a large one is still seen.

    Returns:
        (3, 180, 960) RGB in [0, 1].
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(11)
    bottom = HEIGHT - STRIP
    top = max(float(cut.scores.max(initial=0)), 2 * (cut.threshold or 0), 1e-6)

    def x(frame: float) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * frame / cut.frames

    def y(score: float) -> float:
        return bottom - (bottom - 2 * MARGIN) * float(np.sqrt(max(score, 0) / top))

    for transition in cut.transitions:
        draw.rectangle((x(transition.start), MARGIN, x(transition.end), bottom), fill=COLOURS[transition.kind])
    if cut.threshold is not None:
        draw.line((MARGIN, y(cut.threshold), WIDTH - MARGIN, y(cut.threshold)), fill=THRESHOLD)
    draw.line([(x(n + 0.5), y(score)) for n, score in enumerate(cut.scores)], fill=CURVE)
    starts = {start for start, _ in cut.shots} & {end for _, end in cut.shots}
    for start in starts:
        draw.line((x(start), MARGIN, x(start), bottom), fill=CUT)
        draw.text((x(start) + 3, MARGIN - 2), str(start), fill=CUT, font=font)
    seconds = float(cut.frames / rate)
    for second in np.arange(0, seconds, _step(seconds)):
        draw.text((x(float(second * rate)), bottom + 3), f"{second:g} s", fill=TEXT, font=font)
    return np.asarray(image, np.float32).transpose(2, 0, 1) / np.float32(255)


def _step(seconds: float) -> float:
    """Seconds between marks, 1, 2 or 5 times a power of ten: about a dozen marks."""
    rough = seconds / 12
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(power * n for n in (1, 2, 5, 10) if power * n >= rough))
