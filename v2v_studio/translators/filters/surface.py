"""What the marks lie on: noise, paper, canvas and the light that grazes them. All of it follows from the seed."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import Plane, along, blur, unit

TILE = 512


def noise(like: Plane, feature: float, seed: int) -> Plane:
    """(H, W) smooth noise, mean 0, deviation about 1.2, whose blobs are `feature` / 480 of the shorter side wide.

    It is read from one endless tile, so that two sizes of one picture get the same blobs; blobs under a pixel fade, as
    they would if a large picture were made smaller.
    """
    h, w = like.shape[:2]
    pitch = feature * unit(like)
    tile = np.random.default_rng([seed, round(feature * 16)]).standard_normal((TILE, TILE), dtype=np.float32)
    x, y = np.meshgrid(*((np.arange(n, dtype=np.float32) + 0.5) / np.float32(pitch) % TILE for n in (w, h)))
    values = cv2.remap(np.pad(tile, 2, mode="wrap"), x + 2, y + 2, cv2.INTER_CUBIC)
    return values * np.float32(1.4 * min(1.0, pitch))


def cloud(like: Plane, feature: float, seed: int, octaves: int = 3) -> Plane:
    """Noise of several octaves below `feature`, each half as wide and half as strong; deviation about 1.2."""
    weights = 0.5 ** np.arange(octaves)
    layers = [noise(like, feature / 2**k, seed + k) * np.float32(weights[k]) for k in range(octaves)]
    return np.sum(layers, axis=0) / np.float32(np.sqrt((weights**2).sum()))


def tooth(like: Plane, seed: int, coarse: float = 1.0) -> Plane:
    """The height of cold-pressed paper: (H, W), mean 0, deviation about 1.2."""
    return cloud(like, 4.2 * coarse, seed + 100, octaves=3)


def streaks(like: Plane, direction: Plane, feature: float, length: float, seed: int) -> Plane:
    """Noise drawn out to `length` px both ways along the direction, as a dry tool leaves: mean 0, deviation 1."""
    drawn = along(noise(like, feature, seed), direction, length, steps=10)
    return (drawn - drawn.mean()) / (drawn.std() + np.float32(1e-6))


def canvas(like: Plane, seed: int) -> Plane:
    """The height of woven linen: (H, W), mean 0, deviation about 1, threads 2.6 / 480 of the shorter side apart."""
    h, w = like.shape[:2]
    pitch = 2.6 * unit(like)
    wander = 0.25 * noise(like, 9, seed + 110)
    y, x = np.indices((h, w), dtype=np.float32) / np.float32(pitch)
    weave = np.sin(np.pi * (x + wander)) * np.cos(np.pi * (y + wander))
    return np.abs(weave) * 2.4 - 1 + 0.4 * noise(like, 2, seed + 111)


def relief(height: Plane, depth: float, scale: float) -> Plane:
    """Light from the upper left grazing a surface: (H, W) factors about 1.

    Args:
        height: (H, W).
        depth: how strongly slopes count.
        scale: `unit` of the picture; slopes are per unit, not per pixel, and taken after a blur of that width, so that
            a large picture is not rougher than a small one.
    """
    height = blur(height, 0.8 * scale)
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125) + cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    return 1 + depth * np.tanh(slope * np.float32(scale) * 2)


def paper(colour: Plane, height: Plane, depth: float, scale: float) -> Plane:
    """Toned paper (H, W, 3) of one colour whose tooth is seen as `relief` lights it."""
    return colour * relief(height, depth, scale)[..., None]


def displaced(picture: Plane, by: float, feature: float, seed: int) -> Plane:
    """The picture with a hand's unsteadiness: every point moved by about `by` px, alike over `feature` / 480."""
    h, w = picture.shape[:2]
    y, x = np.indices((h, w), dtype=np.float32)
    x += np.float32(by) * noise(picture, feature, seed + 120)
    y += np.float32(by) * noise(picture, feature, seed + 121)
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
