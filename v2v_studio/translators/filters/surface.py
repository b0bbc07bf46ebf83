"""What the marks lie on: noise, paper, canvas and the light that grazes them. All of it follows from the seed."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import unit
from v2v_studio.types import Array

TILE = 1024


def noise(like: Array, feature: float, seed: int) -> Array:
    """(H, W) smooth noise, mean 0, deviation about 1, whose blobs are `feature` / 480 of the shorter side wide.

    It is read from one endless tile, so that two sizes of one picture get the same blobs; blobs under a pixel fade, as
    they would if a large picture were made smaller.
    """
    h, w = like.shape[:2]
    pitch = feature * unit(like)
    tile = np.random.default_rng([seed, round(feature * 16)]).standard_normal((TILE, TILE), dtype=np.float32)
    x = (np.arange(w, dtype=np.float32) + 0.5) / pitch
    y = (np.arange(h, dtype=np.float32) + 0.5) / pitch
    # cubic sampling of white noise keeps 0.7 of its deviation
    return _wrapped(tile, x, y) * np.float32(min(1.0, pitch) / 0.7)


def _wrapped(tile: Array, x: Array, y: Array) -> Array:
    """Sample a tile that repeats, on the grid of x by y. Only as much of it is repeated as is read."""
    rows, columns = int(y[-1]) + 4, int(x[-1]) + 4
    reach = np.take(np.take(tile, np.arange(rows), 0, mode="wrap"), np.arange(columns), 1, mode="wrap")
    grid_x, grid_y = np.meshgrid(x + 1, y + 1)
    return cv2.remap(reach, grid_x, grid_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def cloud(like: Array, feature: float, seed: int, octaves: int = 3) -> Array:
    """Noise of several octaves below `feature`, each half as wide and half as strong; deviation about 1."""
    weights = 0.5 ** np.arange(octaves)
    total = sum(noise(like, feature / 2**k, seed + k) * np.float32(weights[k]) for k in range(octaves))
    return total / np.float32(np.sqrt((weights**2).sum()))


def tooth(like: Array, seed: int, coarse: float = 1.0) -> Array:
    """The height of cold-pressed paper: (H, W), mean 0, deviation about 1."""
    return cloud(like, 4.2 * coarse, seed + 100, octaves=3)


def canvas(like: Array, seed: int) -> Array:
    """The height of woven linen: (H, W), mean 0, deviation about 1, threads 2.6 / 480 of the shorter side apart."""
    h, w = like.shape[:2]
    pitch = 2.6 * unit(like)
    wander = 0.25 * noise(like, 9, seed + 110)
    y, x = np.indices((h, w), dtype=np.float32) / np.float32(pitch)
    weave = np.sin(np.pi * (x + wander)) * np.cos(np.pi * (y + wander))
    return np.abs(weave) * 2.4 - 1 + 0.4 * noise(like, 2, seed + 111)


def relief(height: Array, depth: float, scale: float) -> Array:
    """Light from the upper left grazing a surface: (H, W) factors about 1.

    Args:
        height: (H, W).
        depth: how strongly slopes count.
        scale: `unit` of the picture; slopes are per unit, not per pixel.
    """
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125) + cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    return 1 + depth * np.tanh(slope * np.float32(scale) * 2)


def displaced(picture: Array, by: float, feature: float, seed: int) -> Array:
    """The picture with a hand's unsteadiness: every point moved by about `by` px, alike over `feature` / 480."""
    h, w = picture.shape[:2]
    y, x = np.indices((h, w), dtype=np.float32)
    x += np.float32(by) * noise(picture, feature, seed + 120)
    y += np.float32(by) * noise(picture, feature, seed + 121)
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
