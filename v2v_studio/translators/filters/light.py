"""Looks made with light alone, as a colourist would: night."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters import surface
from v2v_studio.translators.filters.colour import rgb
from v2v_studio.translators.filters.fields import Plane, blur, smoothstep, unit


def night(picture: Plane, seed: int, *, darkness: float = 0.6, moon: float = 0.6, glow: float = 0.5) -> Plane:
    """Day for night: skies held down, colours drained to blue, a silver rim on forms, warm lights that bloom."""
    u = unit(picture)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    tone, warm = lab[..., 0] / 100, smoothstep(2, 25, blur(lab[..., 2], 8 * u))
    wide = blur(tone, 30 * u)
    form = tone - blur(tone, 5 * u)
    spark = np.clip(tone - wide, 0, 1)
    # bright and even is sky or wall: hold it down; bright against its surroundings is what the moon lights
    dimmed = tone ** np.float32(1.25) * (1 - 0.45 * smoothstep(0.55, 0.95, wide))
    daylight = smoothstep(0.08, 0.45, tone.mean())
    dimmed = dimmed * (1 - daylight * (0.38 + 0.30 * darkness)) + moon * (
        0.30 * spark**1.3 + 0.55 * np.maximum(form, 0)
    )
    dimmed = np.clip(dimmed + 0.35 * np.minimum(form, 0), 0, 1)

    chroma = 0.22 + 0.55 * smoothstep(25, 70, np.hypot(lab[..., 1], lab[..., 2]))
    blue = -9 - 14 * np.sqrt(dimmed)
    lab = np.dstack([dimmed * 100, lab[..., 1] * chroma - 1.5, lab[..., 2] * chroma * 0.6 + blue]).astype(np.float32)
    dark = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)

    lamp = smoothstep(0.62, 0.92, tone) * smoothstep(0.2, 0.45, spark) * (0.2 + 0.8 * warm)
    bloom = lamp + 3 * blur(lamp, 6 * u) + 6 * blur(lamp, 22 * u)
    shine = np.clip(glow * 0.55 * bloom, 0, 0.95)[..., None] * rgb(1.0, 0.80, 0.50)
    lit = 1 - (1 - dark) * (1 - shine)
    grain = 0.008 * surface.noise(picture, 1.2, seed)
    h, w = tone.shape
    y, x = np.indices((h, w), dtype=np.float32)
    corner = ((x / w - 0.5) ** 2 + (y / h - 0.5) ** 2) * 2
    return lit * (1 - 0.35 * darkness * corner)[..., None] + grain[..., None]
