"""Ground, hills and small helpers of placing: what the four scenes have in common."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np

from drawing.camera import HEIGHT, WIDTH, card, floor
from drawing.materials import noise, opaque, rgb, tiled
from drawing.stage import OVERSAMPLING, Colour, Layer

Tint = Callable[[float], Colour]


def standing(
    texture: np.ndarray,
    x: float,
    y: float,
    z: float,
    per_metre: float,
    pivot: tuple[float, float],
    tint: Tint | None = None,
    solid: bool = True,
    nearer: float = 0.0,
) -> Layer:
    """A card that stays where it is: texel `pivot` at (x, y, z); `nearer` sorts it before others at its depth."""
    plane = card(x, y, z, per_metre, pivot)
    return Layer(texture, lambda t: plane, lambda t: z - nearer, tint, solid)


def centred(texture: np.ndarray, x: float, y: float, z: float, width: float, **more: object) -> Layer:
    """A still card `width` metres wide with its middle at (x, y, z)."""
    h, w = texture.shape[:2]
    return standing(texture, x, y, z, w / width, ((w - 1) / 2, (h - 1) / 2), **more)  # type: ignore[arg-type]


def lying(texture: np.ndarray, x: float, y: float, z: float, width: float, deep: float) -> Layer:
    """A shadow on the ground, its middle at (x, y, z), `width` by `deep` metres; sorted just before the ground's far end."""
    h, w = texture.shape[:2]
    right, down = np.array([width / w, 0, 0]), np.array([0, 0, -deep / h])
    plane = np.stack([right, down, np.array([x, y, z]) - w / 2 * right - h / 2 * down], 1)
    return Layer(texture, lambda t: plane, lambda t: z + 0.02, solid=False)


def ground(
    picture: np.ndarray,
    metres: float,
    left: float,
    width: float,
    ends: tuple[float, ...],
    haze: str,
    hazy: float,
    y: float = 0.0,
    tint: Tint | None = None,
    seed: int = 0,
) -> list[Layer]:
    """Level ground in strips of depth, the near ones finer.

    Args:
        picture: (h, w, 3), repeated every `metres`.
        left, width: extent to the side, metres.
        ends: depths where one strip ends and the next begins, near to far.
        haze: colour that the far end fades into, by the share `hazy`.
    """
    strips = []
    for near, end in pairwise(ends):
        far = end if end == ends[-1] else end * 1.25  # lies over the next strip, and fades out there
        per_metre = min(360.0, 1500 / near, 2600 / width)
        side = max(8, round(metres * per_metre))
        size = round(width * per_metre), round((far - near) * per_metre)
        tile = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        texture = (
            tiled(tile, *size) * (0.82 + 0.36 * noise(*size, 1.3 * per_metre, seed + round(near * 10), 3))[..., None]
        )
        depth = np.linspace(far, near, size[1], dtype=np.float32)[:, None, None]
        share = hazy * np.clip((depth - ends[0]) / (ends[-1] - ends[0]), 0, 1) ** 1.5
        texture = texture * (1 - share) + rgb(haze) * share
        alpha = np.clip((far - depth[:, :, 0]) / (far - end), 0, 1) if far > end else 1.0
        plane = floor(left, y, near, per_metre, size[1])
        strips.append(
            Layer(
                opaque(np.clip(texture, 0, 1), alpha),
                _always(plane),
                _always(ends[-1] + near / 1000),
                tint,
                body="ground",
            )
        )
    return strips


def hill(
    picture: np.ndarray,
    width: float,
    height: float,
    x: float,
    z: float,
    seed: int,
    rough: float = 0.5,
    base: float = 0.0,
    tint: Tint | None = None,
    per_metre: float | None = None,
) -> Layer:
    """A ridge: a card with a wavy upper edge, covered with `picture`, darker towards its foot."""
    per_metre = per_metre or 1400 / z
    w, h = round(width * per_metre), round(height * per_metre)
    edge = noise(w, 8, w / 5, seed, 3)[0] * rough * h
    rows = np.arange(h, dtype=np.float32)[:, None]
    alpha = np.clip(rows - edge + 0.5, 0, 1)
    down = np.clip((rows - edge) / h, 0, 1)[..., None]
    surface = tiled(picture, w, h) * (1.08 - 0.35 * down) * (0.85 + 0.3 * noise(w, h, w / 12, seed + 1, 4))[..., None]
    texture = opaque(np.clip(surface, 0, 1), alpha)
    return standing(texture, x, base, z, per_metre, (w / 2, h - 1), tint)


def flying(texture: np.ndarray, path: Callable[[float], tuple[float, float, float, float]], per_metre: float) -> Layer:
    """A card on a path: frame -> (x, y, z, angle)."""
    h, w = texture.shape[:2]

    def plane(t: float) -> np.ndarray:
        x, y, z, angle = path(t)
        return card(x, y, z, per_metre, ((w - 1) / 2, (h - 1) / 2), angle)

    return Layer(texture, plane, lambda t: path(t)[2])


def vignette(strength: float) -> np.ndarray:
    """(h, w, 1), oversampled: darker towards the corners."""
    h, w = HEIGHT * OVERSAMPLING, WIDTH * OVERSAMPLING
    y, x = np.mgrid[:h, :w].astype(np.float32)
    r = np.hypot((x / (w - 1) * 2 - 1), (y / (h - 1) * 2 - 1) * 0.8)
    return (1 - strength * np.clip(r - 0.45, 0, None) ** 2)[..., None]


def _always(value: object) -> Callable[[float], object]:
    return lambda t: value
