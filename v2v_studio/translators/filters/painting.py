"""Looks made with a brush or a chalk: watercolor, oil, gouache, pastel."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters import surface
from v2v_studio.translators.filters.brush import Brush, lay
from v2v_studio.translators.filters.colour import (
    graded,
    in_palette,
    lightness,
    over,
    palette,
    pigment,
    rgb,
    steps,
    toned,
)
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

WHITE_PAPER = rgb(0.985, 0.975, 0.95)


def watercolor(picture: Plane, seed: int, *, detail: float = 0.5, bleed: float = 0.5, texture: float = 0.5) -> Plane:
    """Washes with dark rims on cold-pressed paper; the lightest places stay paper (after Bousseau et al. 2006)."""
    u = unit(picture)
    direction = tangents(picture, 3 * u)
    broad = simplify(picture, direction, (8 - 5 * detail) * u)
    fine = simplify(picture, direction, (2.8 - 1.8 * detail) * u)
    # the darks of a finer brush go over the broad washes; paper is never painted lighter
    washes = np.minimum(broad, fine + (0.12 - 0.11 * detail))
    washes = graded(washes, lift=0.16, saturation=1.45, gamma=0.72)
    tone = lightness(washes)
    washes = toned(washes, 0.45 * tone + 0.55 * steps(tone, 8, 0.3))
    drawn = lines(fine, direction, 0.8 * u, 0.02 - 0.012 * detail)

    washes = surface.displaced(washes, (0.4 + 1.1 * bleed) * u, 14, seed)
    wet = smoothstep(0.1, 1.4, surface.cloud(picture, 60, seed)) * bleed
    washes = over(washes, blur(washes, 6 * u), wet)

    tone = lightness(washes)
    rim = np.maximum(blur(tone, 3.2 * u) - tone, 0) + 0.6 * np.maximum(blur(tone, 1.2 * u) - tone, 0)
    grain = surface.tooth(picture, seed, coarse=0.7)
    flow = surface.cloud(picture, 90, seed + 20, octaves=4)
    granules = texture * grain * smoothstep(0.95, 0.45, tone)
    density = 1 + 0.15 * flow * (0.4 + 0.6 * bleed) + (4 + 8 * bleed) * rim - 0.22 * granules
    painted = pigment(washes, density)
    bare = smoothstep(0.86, 0.95, tone + 0.03 * texture * grain)
    painted = over(painted, rgb(1, 1, 1), 0.8 * bare)
    painted *= 1 - 0.45 * drawn[..., None] * rgb(0.75, 0.9, 0.85)
    return painted * surface.paper(WHITE_PAPER, grain, 0.035 * texture, u)


def oil(picture: Plane, seed: int, *, detail: float = 0.5, relief: float = 0.5, texture: float = 0.4) -> Plane:
    """Bristle strokes in layers from broad to fine, with impasto that catches the light."""
    u = unit(picture)
    direction = tangents(picture, 4 * u)
    goal = graded(simplify(picture, direction, 3 * u), saturation=1.18, gamma=0.95)
    canvas = np.dstack([blur(goal, 12 * u) * rgb(0.92, 0.84, 0.76), np.zeros(picture.shape[:2], np.float32)])
    layers = (
        Brush(20, 62, bristle=0.7, jitter=0.05),
        Brush(10, 34, bristle=0.6, jitter=0.045, error=0.05),
        Brush(6 - 2 * detail, 17, bristle=0.5, jitter=0.03, error=0.13 - 0.1 * detail),
        Brush(3.2, 9, bristle=0.3, jitter=0.02, error=0.24 - 0.2 * detail),
    )
    for k, brush in enumerate(layers):
        lay(canvas, goal, direction, brush, seed + k)
    ground = 3 * canvas[..., 3] + 0.36 * texture * surface.canvas(picture, seed)
    light = surface.relief(ground, 0.7 * relief, u)[..., None]
    return canvas[..., :3] * light + 0.5 * np.maximum(light - 1.12, 0)


def gouache(picture: Plane, seed: int, *, detail: float = 0.5, colours: float = 16, texture: float = 0.5) -> Plane:
    """Opaque flat shapes from a small palette, matt, dragged dry at their borders over toned paper."""
    u = unit(picture)
    direction = tangents(picture, 4 * u)
    flat = simplify(picture, direction, (5.5 - 4 * detail) * u)
    flat = graded(flat, lift=0.03, saturation=1.35, gamma=0.9)
    streak = surface.streaks(picture, direction, 2.6, 20 * u, seed)
    grain = surface.tooth(picture, seed, coarse=0.7)

    ragged = surface.displaced(flat, 0.7 * u, 7, seed)
    shapes = in_palette(ragged, palette(flat, round(colours)), 1.1 * u)
    painted = np.clip(cv2.cvtColor(shapes, cv2.COLOR_LAB2RGB), 0, 1)
    painted = 0.85 * painted + 0.15 * ragged
    # each brushful is a little lighter or darker, and runs dry: what lies under it, painted broader, shows in streaks
    under = surface.displaced(along(painted, direction, 14 * u), 5 * u, 30, seed + 2)
    dry = smoothstep(0.5, 1.3, streak + 0.4 * grain) * (0.35 + 0.5 * texture)
    load = 1 + 0.02 * surface.cloud(picture, 40, seed + 3) + 0.035 * texture * streak
    painted = np.clip(over(painted, under, dry) * load[..., None], 0, 1)
    bare = smoothstep(1.9, 2.8, streak + 0.7 * grain) * texture * lightness(painted)
    painted = 0.025 + 0.955 * over(painted, rgb(0.86, 0.77, 0.64), bare)
    return painted * surface.relief(grain + 0.6 * streak, 0.025 * texture, u)[..., None]


def pastel(picture: Plane, seed: int, *, detail: float = 0.5, texture: float = 0.6, tint: float = 0.5) -> Plane:
    """Chalk dragged over tinted, toothed paper: strokes of broken colour with the paper between them."""
    u = unit(picture)
    structure = tangents(picture, 4 * u)
    goal = simplify(picture, structure, (4.5 - 3 * detail) * u)
    contour = lines(goal, structure, 1.3 * u, 0.02 - 0.012 * detail)
    goal = graded(goal, lift=0.08, saturation=1.5, gamma=0.8)
    heading = slanted(structure, 50, 0.8)
    grain = surface.tooth(picture, seed, coarse=0.6)
    broken = np.dstack([surface.streaks(picture, heading, 3.6, 22 * u, seed + k) for k in range(3)])
    light = broken.mean(2)

    chalk = (goal + 0.022 * broken + 0.055 * light[..., None]) * (1 - 0.45 * contour[..., None])
    paper = rgb(0.68, 0.55, 0.43) * (1 - tint) + rgb(0.30, 0.33, 0.39) * tint
    ground = paper + 0.6 * (along(goal, heading, 8 * u) - paper)
    pressure = 1.25 - 1.5 * texture + 1.2 * contour + 0.5 * smoothstep(0.5, 0.95, lightness(goal))
    painted = over(ground, chalk, smoothstep(-1.3, 0.7, 0.9 * light + 0.55 * grain + pressure))
    return painted * (1 + 0.02 * texture * grain[..., None])
