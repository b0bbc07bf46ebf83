"""Four style pictures drawn by code, (3, H, W) RGB in [0, 1]: bold strokes, ink hatching, stained glass, a soft wash."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy.spatial import cKDTree

from v2v_studio.types import Array


def _grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.indices((height, width), dtype=np.float32)
    return x / width, y / height


def _soft(height: int, width: int, feature: float, seed: int) -> np.ndarray:
    """(H, W) noise of mean 0 and deviation 1 whose blobs are `feature` px wide."""
    noise = np.random.default_rng(seed).standard_normal((height, width), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), feature)
    return (noise - noise.mean()) / noise.std()


def _chw(picture: np.ndarray) -> Array:
    return np.ascontiguousarray(np.clip(picture, 0, 1).transpose(2, 0, 1), np.float32)


def strokes(height: int = 480, width: int = 640) -> Array:
    """Thick strokes: a yellow sun in a swirling blue night over dark green hills."""
    rng = np.random.default_rng(3)
    scale = height / 480
    canvas = np.full((height, width, 3), (0.10, 0.16, 0.30), np.float32)
    for _ in range(9000):
        x, y = rng.random(2)
        dx, dy = (x - 0.72) * width / height, y - 0.28
        far = np.hypot(dx, dy)
        if y > 0.68 + 0.08 * np.sin(7 * x):
            colour, heading = (0.13, 0.30 + 0.16 * rng.random(), 0.16), 0.5 * np.cos(7 * x) + 0.2 * rng.normal()
        else:
            glow = np.exp(-((far / 0.22) ** 2))
            band = 0.5 + 0.5 * np.sin(22 * far + 5 * x)
            night = np.array([0.12, 0.25, 0.55]) + band * np.array([0.22, 0.32, 0.25])
            colour = night + glow * (np.array([0.98, 0.80, 0.22]) - night)
            heading = np.arctan2(dy, dx) + np.pi / 2
        colour = np.clip(np.array(colour) + 0.07 * rng.normal(size=3) + 0.05 * rng.normal(), 0, 1)
        length, breadth = 13 * scale, max(1, round(5 * scale))
        centre = np.array([x * width, y * height])
        step = length * np.array([np.cos(heading), np.sin(heading)])
        start, end = (tuple(int(v) for v in centre + sign * step) for sign in (-1, 1))
        cv2.line(canvas, start, end, colour.tolist(), breadth, cv2.LINE_AA)
        side = 0.4 * breadth * np.array([-np.sin(heading), np.cos(heading)])  # the ridge of paint beside the brush
        start, end = (tuple(int(v) for v in centre + side + sign * step) for sign in (-1, 1))
        cv2.line(canvas, start, end, (colour * 1.25).clip(0, 1).tolist(), max(1, breadth // 4), cv2.LINE_AA)
    return _chw(canvas)


def hatching(height: int = 480, width: int = 640) -> Array:
    """Sepia pen strokes on cream paper, crossing where it is dark: two spheres on a table."""
    x, y = _grid(height, width)
    tone = 0.85 - 0.35 * x * y
    for cx, cy, r in ((0.33, 0.48, 0.27), (0.72, 0.60, 0.18)):
        u, v = (x - cx) * width / height / r, (y - cy) / r
        inside = u * u + v * v < 1
        lit = np.sqrt(np.clip(1 - u * u - v * v, 0, 1)) * 0.6 - 0.5 * u - 0.5 * v
        shadow = ((u - 0.8) / 1.6) ** 2 + ((v - 0.9) / 0.35) ** 2 < 1
        tone = np.where(inside, np.clip(0.25 + 0.7 * lit, 0.05, 1), np.where(shadow, 0.2, tone))
    scale = height / 480
    wander = 1.6 * scale * _soft(height, width, 14 * scale, 1)
    ink = np.zeros((height, width), np.float32)
    for number, angle in enumerate((0.8, -0.75, 0.1)):
        across = (np.cos(angle) * x * width + np.sin(angle) * y * height + wander) / (6.5 * scale)
        line = 0.5 + 0.5 * np.cos(2 * np.pi * across)
        weight = np.clip(1.05 - 0.28 * number - 1.25 * tone + 0.05 * _soft(height, width, 5 * scale, 5 + number), 0, 1)
        ink = np.maximum(ink, np.clip((line - 1 + weight) * 5, 0, 1))
    paper = np.array([0.95, 0.90, 0.78]) + 0.012 * _soft(height, width, 1.2 * scale, 9)[..., None]
    return _chw(paper + 0.92 * ink[..., None] * (np.array([0.26, 0.14, 0.08]) - paper))


def glass(height: int = 480, width: int = 640) -> Array:
    """Stained glass: pieces of ruby, amber, emerald and blue in black lead."""
    rng = np.random.default_rng(11)
    pitch = height / 22
    rows, columns = int(height / pitch) + 2, int(width / pitch) + 2
    row, column = np.indices((rows, columns))
    sites = np.stack([column, row], 2) + rng.random((rows, columns, 2)) * 0.8 - 0.4
    sites = sites.reshape(-1, 2).astype(np.float32) * pitch
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), 2)
    far, label = cKDTree(sites).query(pixels, k=2)
    near, second, label = far[..., 0], far[..., 1], label[..., 0]
    panes = np.array(
        [[0.75, 0.08, 0.12], [0.95, 0.66, 0.12], [0.08, 0.50, 0.28], [0.10, 0.22, 0.66], [0.92, 0.90, 0.78]]
    )
    u, v = sites[:, 0] / width - 0.5, sites[:, 1] / height - 0.5
    ring = np.hypot(u * width / height, v)
    kind = np.where(ring < 0.16, 1, np.where(ring < 0.3, 0, np.where(v > 0.2, 2, np.where(ring < 0.42, 4, 3))))
    colours = panes[kind] * (0.75 + 0.5 * rng.random((len(sites), 1))) + 0.04 * rng.normal(size=(len(sites), 3))
    streak = 1 + 0.06 * _soft(height, width, 4, 2)[..., None]
    lead = np.clip((second - near) / (0.16 * pitch) - 0.4, 0, 1)[..., None]
    return _chw(colours[label] * streak * lead + 0.05 * (1 - lead))


def wash(height: int = 480, width: int = 640) -> Array:
    """Wet watercolour: rose, peach and teal that run into each other on granular paper, drying dark at their rims."""
    x, y = _grid(height, width)
    scale = height / 480
    picture = np.ones((height, width, 3)) * np.array([0.97, 0.96, 0.92])
    tints = ((0.86, 0.47, 0.52), (0.96, 0.72, 0.52), (0.32, 0.60, 0.63), (0.42, 0.42, 0.62), (0.78, 0.80, 0.60))
    for number, tint in enumerate(tints):
        field = _soft(height, width, (36 - 4 * number) * scale, 20 + number) + 1.2 * np.cos(5 * (x + y) + 2 * number)
        cover = 1 / (1 + np.exp(-9 * (field - 0.6)))
        rim = np.exp(-(((field - 0.55) / 0.10) ** 2))
        amount = (0.55 * cover + 0.25 * rim)[..., None]
        picture *= 1 - amount * (1 - np.array(tint))
    grain = 0.025 * _soft(height, width, 0.9 * scale, 50) + 0.015 * _soft(height, width, 2.5 * scale, 51)
    return _chw(picture * (1 + grain[..., None]))


STYLES: dict[str, Callable[[int, int], Array]] = {f.__name__: f for f in (strokes, hatching, glass, wash)}
