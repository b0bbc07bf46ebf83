"""Surfaces: the photographs that come inside scikit-image, noise, and felt and clay made from a silhouette."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from skimage import data

from drawing.stage import Colour

LIGHT = np.array([-0.45, -0.7, 0.55], np.float32) / np.linalg.norm([-0.45, -0.7, 0.55])


@cache
def photo(name: str) -> np.ndarray:
    """A photograph of skimage.data as (h, w, 3) float32 in [0, 1]. All that the film uses are in the package itself."""
    picture = getattr(data, name)()
    picture = picture[0] if isinstance(picture, tuple) else picture
    picture = np.dstack([picture] * 3) if picture.ndim == 2 else picture[..., :3]
    return np.ascontiguousarray(picture, np.float32) / 255


@cache
def bricks() -> np.ndarray:
    """The photograph `brick` lying in courses, the slant of its lens taken out so that copies join."""
    corners = np.float32([[70, 0], [448, 0], [511, 511], [0, 511]])
    square = np.float32([[0, 0], [511, 0], [511, 511], [0, 511]])
    upright = cv2.warpPerspective(photo("brick"), cv2.getPerspectiveTransform(corners, square), (512, 512))
    return np.rot90(upright).copy()


def rgb(code: str) -> np.ndarray:
    """ "d9603b" -> three floats in [0, 1]."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def toned(picture: np.ndarray, dark: str, light: str, low: float = 0.1, high: float = 0.9) -> np.ndarray:
    """A photograph in two colours: its luma from `low` to `high` becomes dark to light."""
    luma = np.clip((picture @ np.float32([0.3, 0.59, 0.11]) - low) / (high - low), 0, 1)[..., None]
    return (rgb(dark) * (1 - luma) + rgb(light) * luma).astype(np.float32)


def tiled(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture repeated, every second copy mirrored so that no seam shows."""
    both = np.hstack([picture, picture[:, ::-1]])
    both = np.vstack([both, both[::-1]])
    down, across = -(-height // both.shape[0]), -(-width // both.shape[1])
    return np.ascontiguousarray(np.tile(both, (down, across, 1))[:height, :width])


def noise(width: int, height: int, coarse: float, seed: int, octaves: int = 4) -> np.ndarray:
    """(height, width) in about [0, 1]: smooth noise, its largest features `coarse` pixels wide."""
    random = np.random.default_rng(seed)
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        step = max(coarse / 2**octave, 1.5)
        grid = random.random((int(height / step) + 4, int(width / step) + 4), np.float32)
        fine = cv2.resize(grid, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += fine[:height, :width] / 2**octave
        weight += 1 / 2**octave
    return total / weight


def opaque(picture: np.ndarray, alpha: np.ndarray | float = 1.0) -> np.ndarray:
    """RGB and alpha -> RGBA with the colour multiplied by alpha."""
    alpha = np.broadcast_to(np.float32(alpha), picture.shape[:2])[..., None]
    return np.dstack([picture * alpha, alpha]).astype(np.float32)


def gradient(width: int, height: int, *stops: tuple[float, str]) -> np.ndarray:
    """(height, width, 3): colours from top to bottom, each stop at a share of the height."""
    at, colours = [s for s, _ in stops], np.stack([rgb(c) for _, c in stops])
    rows = np.linspace(0, 1, height)
    column = np.stack([np.interp(rows, at, colours[:, i]) for i in range(3)], 1).astype(np.float32)
    return np.repeat(column[:, None], width, 1)


def outline(width: int, height: int, points: list[tuple[float, float]], smooth: bool = True) -> np.ndarray:
    """(height, width) mask of a closed shape through the points (x, y), its edge antialiased; curved where `smooth`."""
    corners = np.array(points, np.float64)
    if smooth:  # Catmull-Rom
        before, after, beyond = np.roll(corners, 1, 0), np.roll(corners, -1, 0), np.roll(corners, -2, 0)
        u = np.linspace(0, 1, 12, endpoint=False)[None, :, None]
        p0, p1, p2, p3 = (p[:, None] for p in (before, corners, after, beyond))
        curve = p1 + 0.5 * u * (p2 - p0 + u * (2 * p0 - 5 * p1 + 4 * p2 - p3 + u * (3 * (p1 - p2) + p3 - p0)))
        corners = curve.reshape(-1, 2)
    mask = np.zeros((height * 4, width * 4), np.uint8)
    cv2.fillPoly(mask, [np.rint(((corners + 0.5) * 4 - 0.5) * 256).astype(np.int32)], 255, cv2.LINE_8, 8)
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def disc(width: int, height: int, x: float, y: float, radius: float) -> np.ndarray:
    """(height, width) mask of a disc, its edge antialiased."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1)


def felt(mask: np.ndarray, colour: np.ndarray, bulge: float, seed: int = 0, grain: float = 0.10) -> np.ndarray:
    """A soft toy's part with this silhouette: RGBA, rounded over `bulge` pixels from its edge and lit from upper left.

    Args:
        mask: (h, w) in [0, 1].
        colour: (3,) or (h, w, 3).
    """
    h, w = mask.shape
    depth = cv2.distanceTransform((np.pad(mask, 1) > 0.5).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    height = bulge * np.sqrt(1 - (1 - np.minimum(depth / bulge, 1)) ** 2)
    height = cv2.GaussianBlur(height, (0, 0), max(1.0, bulge / 6))
    slope_y, slope_x = np.gradient(height)
    normal = np.dstack([-slope_x, -slope_y, np.ones_like(slope_x)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    lit = 0.50 + 0.62 * np.maximum(normal @ LIGHT, 0)
    fibres = 1 + grain * (noise(w, h, 5, seed, 2) - 0.5) + 0.6 * grain * (noise(w, h, 30, seed + 1, 2) - 0.5)
    return opaque(np.clip(colour * (lit * fibres)[..., None], 0, 1), mask)


def over(under: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """One RGBA picture on another, both of one size."""
    return under * (1 - upper[..., 3:]) + upper


def shadow(mask: np.ndarray, blur: float, strength: float, colour: Colour = (0.06, 0.04, 0.10)) -> np.ndarray:
    """A soft shadow of this silhouette, RGBA; leave a margin of about twice `blur` around it."""
    alpha = strength * (cv2.GaussianBlur(mask, (0, 0), blur) if blur else mask)
    return opaque(np.broadcast_to(np.float32(colour), (*mask.shape, 3)), alpha)


def glow(size: int, colour: np.ndarray, strength: float, power: float = 2.0) -> np.ndarray:
    """Light around a lamp: RGBA of alpha 0, which adds; (size, size), nothing at its rim."""
    rows, columns = np.mgrid[:size, :size].astype(np.float32) / (size - 1) * 2 - 1
    fall = np.clip(1 - np.hypot(rows, columns), 0, 1) ** power
    return np.dstack([strength * fall[..., None] * colour, np.zeros((size, size))]).astype(np.float32)


def framed(picture: np.ndarray, width: int, border: int, mount: int, wood: str) -> np.ndarray:
    """A photograph `width` texels wide in a mount and a wooden frame, RGBA."""
    height = round(picture.shape[0] * width / picture.shape[1])
    picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    picture = cv2.copyMakeBorder(picture, *[mount] * 4, cv2.BORDER_CONSTANT, value=rgb("efe6d2").tolist())
    h, w = picture.shape[0] + 2 * border, picture.shape[1] + 2 * border
    frame = felt(np.ones((h, w), np.float32), rgb(wood), border / 2, seed=w, grain=0.2)
    frame[border:-border, border:-border, :3] = picture
    edge = frame[border : border + max(2, border // 3), border:-border, :3]
    edge *= 0.72  # the frame's shadow on the mount
    return frame
