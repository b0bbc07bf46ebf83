"""Layers in front of a camera: their picture, and their exact motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from drawing.camera import HEIGHT, WIDTH, Camera, Matrix

OVERSAMPLING = 2
FINE = np.array([[2.0, 0, 0.5], [0, 2.0, 0.5], [0, 0, 1]])  # pixel -> pixel of the oversampled picture
ROUNDING = 1e-6  # pixels
Colour = tuple[float, float, float]


@dataclass
class Layer:
    """A picture on a plane that may move.

    Attributes:
        texture: (h, w, 4) float32 RGBA, colour multiplied by alpha. Colour with alpha 0 adds light.
        plane: frame -> plane (see `camera.card`).
        depth: frame -> distance by which layers are sorted; the far ones are drawn first.
        tint: frame -> factor on the colours.
        solid: whether its pixels are a thing that moves; shadows and light are not, they lie on one.
        body: a name that layers of one and the same surface share; "" for a body of its own.
    """

    texture: np.ndarray
    plane: Callable[[float], Matrix]
    depth: Callable[[float], float]
    tint: Callable[[float], Colour] | None = None
    solid: bool = True
    body: str = ""
    _reduced: tuple[np.ndarray, Matrix] | None = field(default=None, repr=False)

    def at_scale(self, camera: Camera) -> tuple[np.ndarray, Matrix]:
        """The texture averaged down to about the size it is seen at from `camera`, and its texels in the full one's.

        Decided once, on the first call: a size that changed along the shot would be seen to change.
        """
        if self._reduced is None:
            h, w = self.texture.shape[:2]
            seen = FINE @ camera.homography(self.plane(0))
            across, down = _scale(seen, w / 2, h / 2)
            size = max(1, round(w / _coarser(across))), max(1, round(h / _coarser(down)))
            texture = self.texture
            if size != (w, h):
                texture = cv2.resize(texture, size, interpolation=cv2.INTER_AREA)
            kx, ky = w / size[0], h / size[1]
            self._reduced = texture, np.array([[kx, 0, (kx - 1) / 2], [0, ky, (ky - 1) / 2], [0, 0, 1]])
        return self._reduced


@dataclass
class Stage:
    """What one shot shows: layers, a camera, and a last touch of light over the whole picture.

    Attributes:
        layers: in any order.
        camera: frame -> camera.
        light: (picture (h, w, 3) oversampled, frame) -> picture.
    """

    layers: Sequence[Layer]
    camera: Callable[[float], Camera]
    light: Callable[[np.ndarray, float], np.ndarray]
    _first: np.ndarray | None = field(default=None, repr=False)

    def draw(self, t: float) -> np.ndarray:
        """(3, H, W) float32 RGB in [0, 1]."""
        size = WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING
        picture = np.zeros((size[1], size[0], 3), np.float32)
        for layer in self._back_to_front(t):
            _paint(picture, layer, self.camera(0), FINE @ self.camera(t).homography(layer.plane(t)), t)
        picture = cv2.resize(self.light(picture, t), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(np.clip(picture, 0, 1).transpose(2, 0, 1))

    def truth(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Exact motion: displacement (2, H, W) on frame t's grid, pointing to frame 0, and visible (H, W) bool.

        A pixel belongs to the nearest solid layer that covers at least half of it. It is visible where frame 0 shows the
        same body at that place.
        """
        if self._first is None:
            self._first = self._owners(0)
        owner = self._owners(t)
        y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
        target = np.full((2, HEIGHT, WIDTH), -1e4)
        for index in np.unique(owner[owner >= 0]):
            layer, here = self.layers[index], owner == index
            now, then = (self.camera(s).homography(layer.plane(s)) for s in (t, 0))
            place = then @ np.linalg.inv(now) @ np.stack([x[here], y[here], np.ones(here.sum())])
            target[:, here] = place[:2] / place[2]
        edge = np.array([WIDTH - 1, HEIGHT - 1])[:, None, None]
        inside = ((target >= -ROUNDING) & (target <= edge + ROUNDING)).all(0)
        column, row = np.rint(np.where(inside, target, 0)).astype(int)
        body = np.array([self._body(index) for index in range(len(self.layers))] + [-1])  # the last one: of no layer
        visible = inside & (body[self._first[row, column]] == body[owner]) & (owner >= 0)
        displacement = np.where(owner >= 0, target - (x, y), 0)
        return displacement.astype(np.float32), visible

    def _body(self, index: int) -> int:
        """The first layer of the same surface."""
        name = self.layers[index].body
        return next(i for i, layer in enumerate(self.layers) if layer.body == name) if name else index

    def _owners(self, t: float) -> np.ndarray:
        """(H, W): which layer each pixel belongs to, -1 for none."""
        owner = np.full((HEIGHT, WIDTH), -1)
        number = {id(layer): index for index, layer in enumerate(self.layers)}
        for layer in self._back_to_front(t):
            if layer.solid:
                texture, texels = layer.at_scale(self.camera(0))
                seen = self.camera(t).homography(layer.plane(t)) @ texels
                alpha = np.ascontiguousarray(texture[..., 3])
                owner[cv2.warpPerspective(alpha, seen, (WIDTH, HEIGHT)) >= 0.5] = number[id(layer)]
        return owner

    def _back_to_front(self, t: float) -> list[Layer]:
        return sorted(self.layers, key=lambda layer: -layer.depth(t))


def _paint(picture: np.ndarray, layer: Layer, reference: Camera, seen: Matrix, t: float) -> None:
    """Composite one layer into the picture, within the rectangle that it covers."""
    texture, texels = layer.at_scale(reference)
    seen = seen @ texels
    box = _covered(seen, *texture.shape[1::-1], *picture.shape[1::-1])
    if box is None:
        return
    left, top, right, bottom = box
    shift = np.array([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]])
    image = cv2.warpPerspective(texture, shift @ seen, (right - left, bottom - top))
    if layer.tint:
        image[..., :3] *= np.array(layer.tint(t), np.float32)
    under = picture[top:bottom, left:right]
    under *= 1 - image[..., 3:]
    under += image[..., :3]


def _covered(seen: Matrix, w: int, h: int, width: int, height: int) -> tuple[int, int, int, int] | None:
    """The rectangle of the picture that a texture covers, or None; all of it where the plane passes the camera."""
    x, y, z = seen @ np.array([[-1, w, w, -1], [-1, -1, h, h], [1.0, 1, 1, 1]])
    if z.max() <= 0:
        return None
    if z.min() <= 1e-6:
        return 0, 0, width, height
    left, right = max(0, int(np.floor((x / z).min()))), min(width, int(np.ceil((x / z).max())) + 1)
    top, bottom = max(0, int(np.floor((y / z).min()))), min(height, int(np.ceil((y / z).max())) + 1)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _scale(seen: Matrix, column: float, row: float) -> tuple[float, float]:
    """Pixels per texel to the right and down, at one texel."""
    places = seen @ np.array([[column, column + 1, column], [row, row, row + 1], [1.0, 1, 1]])
    places = places[:2] / places[2]
    return float(np.hypot(*(places[:, 1] - places[:, 0]))), float(np.hypot(*(places[:, 2] - places[:, 0])))


def _coarser(scale: float) -> float:
    """The power of two to average by, so that a texel is seen about one pixel large."""
    return 2.0 ** max(0, round(np.log2(1 / max(scale, 1e-3)) + 0.1))
