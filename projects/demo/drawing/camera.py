"""A pinhole camera and the planes it looks at. World: metres, x to the right, y down, z ahead; the ground is y = 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 640, 360
Matrix = np.ndarray


@dataclass(frozen=True)
class Camera:
    """Where the camera stands and looks.

    Attributes:
        x, y, z: position in metres.
        pan: to the right, tilt: upwards, roll: clockwise, in radians.
        focal: in pixels.
    """

    x: float
    y: float
    z: float
    pan: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0
    focal: float = 640.0

    def homography(self, plane: Matrix) -> Matrix:
        """(3, 3): texel (column, row, 1) of a plane -> pixel of the picture, homogeneous. Pixel centres are integers."""
        seen = plane.copy()
        seen[:, 2] -= (self.x, self.y, self.z)
        lens = np.array([[self.focal, 0, (WIDTH - 1) / 2], [0, self.focal, (HEIGHT - 1) / 2], [0, 0, 1.0]])
        return lens @ self._rotation() @ seen

    def _rotation(self) -> Matrix:
        def turn(angle: float, a: int, b: int) -> Matrix:
            matrix = np.eye(3)
            matrix[a, a] = matrix[b, b] = np.cos(angle)
            matrix[a, b], matrix[b, a] = -np.sin(angle), np.sin(angle)
            return matrix

        return turn(-self.roll, 0, 1) @ turn(-self.tilt, 1, 2) @ turn(self.pan, 0, 2)


def card(x: float, y: float, z: float, per_metre: float, pivot: tuple[float, float], angle: float = 0.0) -> Matrix:
    """A plane facing the camera: its texel `pivot` at (x, y, z), turned about it clockwise by `angle`.

    Columns of a plane: the world vector of one texel to the right, of one texel down, and the place of texel (0, 0).
    """
    cos, sin = np.cos(angle) / per_metre, np.sin(angle) / per_metre
    right, down = np.array([cos, sin, 0]), np.array([-sin, cos, 0])
    return np.stack([right, down, np.array([x, y, z]) - pivot[0] * right - pivot[1] * down], 1)


def floor(x: float, y: float, z: float, per_metre: float, rows: int) -> Matrix:
    """A level plane at height y whose lower left corner (last row, nearest to the camera) is at (x, z)."""
    right, down = np.array([1 / per_metre, 0, 0]), np.array([0, 0, -1 / per_metre])
    return np.stack([right, down, np.array([x, y, z + rows / per_metre])], 1)


def glide(t: float, length: float = 48.0) -> float:
    """0 to 1 over `length` frames, slow at both ends and going on slowly beyond."""
    u = t / length
    return float(u - 0.75 * np.sin(2 * np.pi * u) / (2 * np.pi))


def ease(t: float, start: float, stop: float) -> float:
    """0 before `start`, 1 after `stop`, smooth between."""
    u = min(max((t - start) / (stop - start), 0.0), 1.0)
    return u * u * (3 - 2 * u)
