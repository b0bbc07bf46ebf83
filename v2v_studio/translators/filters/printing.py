"""Looks made of flat colour and line: cartoon, poster, linocut, halftone."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters import surface
from v2v_studio.translators.filters.colour import (
    graded,
    in_palette,
    levels,
    lightness,
    over,
    palette,
    rgb,
    steps,
    with_tone,
)
from v2v_studio.translators.filters.fields import Plane, blur, lines, simplify, smoothstep, tangents, unit


def cartoon(picture: Plane, seed: int, *, detail: float = 0.5, line: float = 0.6, tones: float = 6) -> Plane:
    """Flat cel colours in soft steps of tone under clean dark contours (Winnemoeller et al. 2006)."""
    u = unit(picture)
    direction = tangents(picture, 3 * u)
    flat = simplify(simplify(picture, direction, (6 - 3.5 * detail) * u), direction, (4 - 2 * detail) * u)
    lab = cv2.cvtColor(flat, cv2.COLOR_RGB2LAB)
    tone = blur(lab[..., 0] / 100, 0.8 * u)
    cel = with_tone(lab, np.clip(steps(tone, tones, 0.12) * 1.04 + 0.03, 0, 1), 1.4)
    inked = simplify(picture, direction, (3 - 1.5 * detail) * u)
    contour = lines(inked, direction, (0.8 + 0.7 * line) * u, 0.018 - 0.01 * detail)
    return over(cel, rgb(0.08, 0.06, 0.10), contour * min(1.0, 1.6 * line))


def poster(picture: Plane, seed: int, *, detail: float = 0.5, colours: float = 10, texture: float = 0.3) -> Plane:
    """A screen print: a few flat inks of the picture's own, smooth shapes, slightly out of register."""
    u = unit(picture)
    direction = tangents(picture, 4 * u)
    flat = simplify(picture, direction, (6 - 4.5 * detail) * u)
    flat = graded(flat, saturation=1.25)
    centres = palette(flat, round(colours))
    shapes = in_palette(flat, centres, (2.6 - 2 * detail) * u)
    tone = shapes[..., 0] / 100
    low, high = centres[:, 0].min() / 100, max(centres[:, 0].max() / 100, centres[:, 0].min() / 100 + 0.3)
    tone = 0.4 * tone + 0.6 * (0.09 + 0.86 * np.clip((tone - low) / (high - low), 0, 1))
    printed = with_tone(shapes, tone, 1.35)
    red, green, blue = cv2.split(printed)
    printed = np.dstack([_moved(red, -1.2 * u, -0.8 * u), green, _moved(blue, 1.2 * u, 0.8 * u)])
    thin = surface.tooth(picture, seed, coarse=0.5) + 0.5 * surface.cloud(picture, 60, seed + 1)
    return over(printed, rgb(0.96, 0.93, 0.86), 0.8 * texture * smoothstep(1.6, 2.4, thin))


def _moved(plate: Plane, dx: float, dy: float) -> Plane:
    """A plate printed (dx, dy) px out of register."""
    h, w = plate.shape
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return cv2.warpAffine(plate, shift, (w, h), borderMode=cv2.BORDER_REPLICATE)


def linocut(picture: Plane, seed: int, *, detail: float = 0.5, cut: float = 0.5, colour: float = 0.6) -> Plane:
    """A key block with gouged half-tones along the forms, over one block of flat colours."""
    u = unit(picture)
    direction = tangents(picture, 6 * u)
    clean = simplify(picture, direction, (5 - 4 * detail) * u)
    tone = levels(lightness(clean))
    tone = np.clip(tone + 0.8 * (tone - blur(tone, 14 * u)), 0, 1)
    gouge = surface.streaks(picture, direction, 3.4, 20 * u, seed)
    key = 0.40 - tone + 0.14 * (0.4 + cut) * gouge * smoothstep(0.0, 0.25, tone) * smoothstep(1.0, 0.7, tone)
    key = smoothstep(-0.03, 0.03, blur(key, 0.9 * u))
    line = lines(clean, direction, 1.1 * u, 0.012 - 0.008 * detail)
    key = np.maximum(key, smoothstep(0.35, 0.65, line))
    salt = smoothstep(1.8, 2.4, surface.tooth(picture, seed + 3, coarse=0.5))

    flat = simplify(picture, direction, 5 * u)
    blocks = in_palette(flat, palette(flat, 10), 2.5 * u)
    tint = with_tone(blocks, 0.42 + 0.50 * blocks[..., 0] / 100, 1.6)
    sheet = surface.paper(rgb(0.955, 0.93, 0.865), surface.tooth(picture, seed, coarse=0.7), 0.02, u)
    ground = sheet * (1 + colour * (tint - 1))
    return over(ground, rgb(0.10, 0.09, 0.11), 0.95 * key * (1 - 0.7 * salt))


SCREENS = (  # angle in degrees and colour of cyan, magenta, yellow and black
    (15, rgb(0.0, 0.56, 0.86)),
    (75, rgb(0.88, 0.16, 0.44)),
    (0, rgb(1.0, 0.86, 0.12)),
    (45, rgb(0.13, 0.12, 0.15)),
)


def halftone(picture: Plane, seed: int, *, dots: float = 0.5, fade: float = 0.4, detail: float = 0.5) -> Plane:
    """An old four-colour print: rotated dot screens, inks a little out of register, yellowed paper."""
    u = unit(picture)
    direction = tangents(picture, 3 * u)
    clean = graded(simplify(picture, direction, (4 - 3 * detail) * u), saturation=1.55, lift=0.05)
    cmy = 1 - clean
    black = np.clip(cmy.min(2) * 1.5 - 0.55, 0, 1)
    plates = np.dstack([np.clip(cmy - 0.8 * black[..., None], 0, 1), black])
    pitch = max((3.4 + 3.2 * dots) * u, 1.3)
    register = np.random.default_rng([seed, 5]).normal(0, 0.4 * u, (4, 2))
    sheet = rgb(0.965, 0.93, 0.85) * (1 + 0.02 * surface.tooth(picture, seed))[..., None]
    for k, (angle, ink) in enumerate(SCREENS):
        dot = _dots(blur(plates[..., k], 0.3 * pitch), angle, pitch, register[k])
        sheet = sheet * (1 - (0.92 - 0.28 * fade) * dot[..., None] * (1 - ink))
    worn = smoothstep(0.9, 2.2, surface.cloud(picture, 5, seed + 9))
    return over(sheet, rgb(0.96, 0.92, 0.83), 0.35 * fade * worn)


def _dots(amount: Plane, angle: float, pitch: float, offset: Plane) -> Plane:
    """A tone (H, W) as a turned screen of round dots `pitch` px apart: the ink's cover in [0, 1]."""
    h, w = amount.shape
    y, x = np.indices((h, w), dtype=np.float32)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turned = ((x + offset[0]) * c + (y + offset[1]) * s, (y + offset[1]) * c - (x + offset[0]) * s)
    spot = 0.5 + 0.25 * sum(np.cos(2 * np.pi / pitch * t) for t in turned)
    soft = float(np.clip(0.55 / pitch, 0.08, 0.4))
    return smoothstep(-soft, soft, amount * 1.08 - 0.04 - (1 - spot))
