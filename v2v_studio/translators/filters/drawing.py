"""Looks drawn in one colour: ink, pencil, charcoal."""

from __future__ import annotations

import numpy as np

from v2v_studio.translators.filters import surface
from v2v_studio.translators.filters.colour import graded, levels, lightness, over, rgb
from v2v_studio.translators.filters.fields import (
    Plane,
    along,
    blur,
    lines,
    simplify,
    slanted,
    smoothstep,
    tangents,
    unit,
)

IVORY, WHITE, ROUGH = rgb(0.965, 0.945, 0.895), rgb(0.975, 0.972, 0.962), rgb(0.93, 0.91, 0.87)
BLACK_INK, GREY_WASH = rgb(0.06, 0.06, 0.09), rgb(0.34, 0.37, 0.44)
GRAPHITE, CHARCOAL = rgb(0.17, 0.17, 0.19), rgb(0.09, 0.085, 0.085)


def hatching(tone: Plane, angle: float, pitch: float, scale: float, seed: int) -> Plane:
    """Parallel pen strokes, (H, W) cover in [0, 1]: broader where the tone is darker, none where it is 1.

    Args:
        tone: (H, W); 0 fills the paper, 1 leaves it blank.
        angle: of the strokes, in degrees.
        pitch: distance of strokes in 1/480 of the shorter side.
        scale: `unit` of the picture.
        seed: of the hand's wander.
    """
    h, w = tone.shape
    y, x = np.indices((h, w), dtype=np.float32) / np.float32(scale)
    a = np.radians(angle)
    wander = 0.9 * surface.noise(tone, 30, seed) + 0.25 * surface.noise(tone, 7, seed + 1)
    phase = (-x * np.sin(a) + y * np.cos(a) + wander) / pitch
    distance = np.abs(phase - np.round(phase)) * 2
    breadth = 1 - tone + 0.04 * surface.noise(tone, 10, seed + 2)
    soft = max(0.16, 0.9 / (pitch * scale))
    return smoothstep(-soft, soft, breadth - distance) * smoothstep(0.02, 0.1, 1 - tone)


def ink(picture: Plane, seed: int, *, detail: float = 0.5, hatch: float = 0.6, wash: float = 0.3) -> Plane:
    """Pen lines, solid blacks, cross-hatching by tone and a thin grey wash on ivory paper."""
    u = unit(picture)
    direction = tangents(picture, 2.5 * u)
    clean = simplify(picture, direction, (3.2 - 2 * detail) * u)
    tone = levels(lightness(clean))
    line = lines(clean, direction, (1.15 - 0.3 * detail) * u, least=0.014 - 0.009 * detail)
    soft = blur(tone, 1.5 * u)
    solid = smoothstep(0.15, 0.08, along(tone, direction, 3 * u))
    pens = hatching(1 - 0.8 * hatch * smoothstep(0.85, 0.1, soft), 52, 4.4, u, seed)
    pens = np.maximum(pens, hatching(1 - 0.75 * hatch * smoothstep(0.5, 0.0, soft), -32, 4.4, u, seed + 10))
    cover = np.maximum.reduce([line, solid, pens])
    cover *= 1 - 0.12 * smoothstep(0.4, 1.6, surface.noise(picture, 1.5, seed + 20))

    pool = np.round(soft * 4 - 0.3 + 0.07 * surface.cloud(picture, 24, seed + 30)) / 4
    pool = blur(np.clip(pool, 0, 1).astype(np.float32), 1.2 * u)
    paper = surface.paper(IVORY, surface.tooth(picture, seed, coarse=0.7), 0.02, u)
    return over(over(paper, GREY_WASH, 0.75 * wash * (1 - pool)), BLACK_INK, 0.96 * cover)


def pencil(picture: Plane, seed: int, *, detail: float = 0.5, shade: float = 0.6, colour: float = 0.0) -> Plane:
    """Graphite: soft outlines drawn twice, tone laid in strokes that catch on the paper; `colour` makes it crayons."""
    u = unit(picture)
    direction = tangents(picture, 4 * u)
    clean = simplify(picture, direction, (3 - 1.8 * detail) * u)
    tone = levels(lightness(clean))
    grain = surface.tooth(picture, seed, coarse=0.55)

    streak = surface.streaks(picture, slanted(direction, 52, 0.8), 1.6, 16 * u, seed + 1)
    dark = (1 - tone) ** np.float32(1.15)
    laid = dark * (0.75 + 0.4 * shade) + 0.16 * streak * (0.25 + dark) + 0.10 * grain * (0.3 + dark)
    cover = np.clip(laid - 0.12, 0, 1) * (0.35 + 0.65 * shade)

    line = lines(clean, direction, 0.9 * u, least=0.014 - 0.009 * detail)
    again = surface.displaced(line, 1.3 * u, 40, seed + 5)
    drawn = np.maximum(line, 0.55 * again) * np.clip(0.85 + 0.22 * grain, 0, 1)
    cover = 1 - (1 - cover) * (1 - 0.8 * drawn)

    crayon = graded(clean, saturation=1.7, gamma=1.1) * np.float32(0.92)
    lead = GRAPHITE + colour * (crayon - GRAPHITE)
    return over(surface.paper(WHITE, grain, 0.03, u), lead, cover * (1 + 0.35 * colour))


def charcoal(picture: Plane, seed: int, *, detail: float = 0.4, smudge: float = 0.5, texture: float = 0.6) -> Plane:
    """Broad smudged darks on rough paper, heavy contours, highlights lifted with an eraser."""
    u = unit(picture)
    direction = tangents(picture, 5 * u)
    clean = simplify(picture, direction, (5 - 3.5 * detail) * u)
    tone = levels(lightness(clean))
    rubbed = along(blur(tone, (1 + 4 * smudge) * u), direction, (4 + 14 * smudge) * u)
    tone = 0.6 * tone + 0.4 * rubbed
    grain = surface.tooth(picture, seed, coarse=1.1)
    streak = surface.streaks(picture, direction, 2.6, 14 * u, seed + 1)

    dark = smoothstep(1.0, 0.0, tone)
    bite = 0.5 * grain + 0.5 * streak
    catch = smoothstep(-0.8, 0.8, 2.1 * dark - 1.1 + 0.38 * texture * bite)
    line = lines(clean, direction, 1.6 * u, least=0.014 - 0.008 * detail)
    line = along(line, direction, 5 * u) * np.clip(0.9 + 0.4 * texture * grain, 0.2, 1)
    cover = 1 - (1 - 0.22 * dark) * (1 - 0.92 * catch) * (1 - 0.8 * line)
    cover *= 1 - 0.8 * smoothstep(0.9, 1.0, tone)
    return over(surface.paper(ROUGH, grain, 0.04 * texture, u), CHARCOAL, cover)
