"""A style as a colour table: output colour as a smooth function of input colour, fitted in closed form."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np

from v2v_studio.types import Array

LEVELS = (3, 5, 9, 17)  # knots a side, coarse to fine
ITERATIONS = 24  # of conjugate gradients at each level
SMOOTHNESS = 0.5
RIDGE = 1e-6  # so small that colours never seen go straight on, not back to the mean
CORNERS = list(product((0, 1), repeat=3))

Stencil = dict[tuple[int, int, int], np.ndarray]


class ColourTable:
    """A cube of colours, read trilinearly.

    Fitted by least squares with a penalty on second differences along each axis, so that cells no colour fell into go on
    smoothly from their neighbours. Nested iteration: each level starts from the one before, interpolated.

    Args:
        colours: (N, 3) in 0..255, input.
        styled: (N, 3) in 0..255, what they became.
    """

    def __init__(self, colours: Array, styled: Array) -> None:
        mean = styled.mean(0, dtype=np.float64)
        cube = np.zeros((2, 2, 2, 3))
        for knots in LEVELS:
            stencil, right = _normal_equations(colours, styled - mean, knots)
            cube = _conjugate_gradients(stencil, right, _refined(cube))
        self._last = len(cube) - 1
        # the cube as one picture, a (green, blue) page for each red, so that OpenCV's remap can read it
        pages = (cube + mean).astype(np.float32).transpose(1, 0, 2, 3)
        self._pages = np.ascontiguousarray(pages.reshape(len(cube), -1, 3))

    def __call__(self, image: Array) -> Array:
        """(H, W, 3) in 0..255 -> (H, W, 3)."""
        place = np.clip(image, 0, 255) * np.float32(self._last / 255)
        page = np.minimum(np.floor(place[..., 0]), self._last - 1)
        part = (place[..., 0] - page)[..., None]
        x, y = page * (self._last + 1) + place[..., 2], place[..., 1]
        below = cv2.remap(self._pages, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        above = cv2.remap(self._pages, x + (self._last + 1), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return below + part * (above - below)


def _normal_equations(colours: Array, target: Array, knots: int) -> tuple[Stencil, np.ndarray]:
    """The 27-point stencil {offset: weight of the neighbour there, at every knot} and the right side, a cube."""
    place = np.clip(colours, 0, 255).astype(np.float64) * ((knots - 1) / 255)
    cell = np.minimum(place.astype(np.int64), knots - 2)
    part = (place - cell).T
    shape, count = (knots,) * 3, knots**3
    at = [np.ravel_multi_index(tuple((cell + np.array(corner)).T), shape) for corner in CORNERS]
    weights = [np.prod([p if c else 1 - p for c, p in zip(corner, part, strict=True)], 0) for corner in CORNERS]
    right = np.zeros((count, 3))
    stencil: Stencil = {}
    for i, first in enumerate(CORNERS):
        for channel in range(3):
            right[:, channel] += np.bincount(at[i], weights[i] * target[:, channel], count)
        for j, second in enumerate(CORNERS):
            offset = (second[0] - first[0], second[1] - first[1], second[2] - first[2])
            entry = np.bincount(at[i], weights[i] * weights[j], count).reshape(shape)
            stencil[offset] = stencil.get(offset, 0) + entry
    return stencil, right.reshape(*shape, 3)


def _conjugate_gradients(stencil: Stencil, right: np.ndarray, cube: np.ndarray) -> np.ndarray:
    """A few steps towards (stencil + SMOOTHNESS * squared second differences + RIDGE) cube = right."""
    knots = len(cube)

    def left(cube: np.ndarray) -> np.ndarray:
        padded = np.pad(cube, ((1, 1), (1, 1), (1, 1), (0, 0)))
        out = RIDGE * cube
        for (a, b, c), weight in stencil.items():
            moved = padded[1 + a : 1 + a + knots, 1 + b : 1 + b + knots, 1 + c : 1 + c + knots]
            out += weight[..., None] * moved
        for axis in range(3):
            margin = [(2, 2) if a == axis else (0, 0) for a in range(4)]
            out += SMOOTHNESS * np.diff(np.pad(np.diff(cube, 2, axis), margin), 2, axis)
        return out

    jacobi = 1 / (stencil[0, 0, 0] + 18 * SMOOTHNESS)[..., None]  # 6 on the diagonal for each axis
    residual = right - left(cube)
    direction = jacobi * residual
    power = float((residual * direction).sum())
    for _ in range(ITERATIONS):
        if power < 1e-9:
            break
        image = left(direction)
        step = power / float((direction * image).sum())
        cube = cube + step * direction
        residual = residual - step * image
        scaled = jacobi * residual
        power, before = float((residual * scaled).sum()), power
        direction = scaled + (power / before) * direction
    return cube


def _refined(cube: np.ndarray) -> np.ndarray:
    """n knots a side -> 2n - 1, between old knots their mean."""
    for axis in range(3):
        old = np.moveaxis(cube, axis, 0)
        new = np.repeat(old, 2, 0)[:-1]
        new[1::2] = (old[:-1] + old[1:]) / 2
        cube = np.moveaxis(new, 0, axis)
    return cube
