"""Moving pictures along a displacement: the only warping code.

Everything here is laid out as OpenCV wants it: pictures (H, W) or (H, W, C), displacements (H, W, 2) in pixels, channel 0
to the right and channel 1 down. `pixels` and `planes` go between that and the (C, H, W) of the seams.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from v2v_studio.types import Array

Interpolation = Literal["nearest", "linear", "cubic"]

INTERPOLATION = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}


def pixels(planes: Array) -> Array:
    """(C, H, W) -> (H, W, C), contiguous."""
    return np.ascontiguousarray(planes.transpose(1, 2, 0))


def planes(pixels: Array) -> Array:
    """(H, W, C) -> (C, H, W), contiguous."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


@lru_cache(maxsize=4)
def grid(height: int, width: int) -> Array:
    """(H, W, 2), the position of every pixel: x in channel 0, y in channel 1. Read-only."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    positions = np.dstack([x, y])
    positions.flags.writeable = False
    return positions


def backward_warp(
    image: np.ndarray, displacement: Array, interpolation: Interpolation = "linear", border: int = cv2.BORDER_REPLICATE
) -> np.ndarray:
    """The image as seen from the displacement's grid: out(x) = image(x + displacement(x)).

    Args:
        image: (h, w) or (h, w, C), uint8 or float32; any size.
        displacement: (H, W, 2), on the grid of the result, pointing into the image.
        border: what lies outside the image, as OpenCV names it.

    Returns:
        (H, W) or (H, W, C), the image's type.

    Example:
        >>> ramp = np.tile(np.arange(4, dtype=np.float32), (2, 1))
        >>> right = np.tile(np.float32([1, 0]), (2, 4, 1))
        >>> backward_warp(ramp, right)[0].tolist()
        [1.0, 2.0, 3.0, 3.0]
    """
    return sample(image, grid(*displacement.shape[:2]) + displacement, interpolation, border)


def sample(
    image: np.ndarray, positions: Array, interpolation: Interpolation = "linear", border: int = cv2.BORDER_REPLICATE
) -> np.ndarray:
    """The image at positions (H, W, 2), as `backward_warp` at displacements."""
    return cv2.remap(image, positions, None, INTERPOLATION[interpolation], borderMode=border)  # type: ignore[call-overload]


def compose(first: Array, second: Array) -> Array:
    """The displacement of going along `first`, then along `second` from where one arrives.

    Args:
        first: (H, W, 2), on the grid of the result.
        second: (h, w, 2), on the grid that `first` points into.

    Returns:
        (H, W, 2): first(x) + second(x + first(x)). Outside its grid, `second` goes on as at its border.
    """
    return first + backward_warp(second, first)


def resized(displacement: Array, size: tuple[int, int]) -> Array:
    """A displacement (h, w, 2) on another grid, size (H, W): values and grid scaled alike, each axis by its own factor."""
    h, w = displacement.shape[:2]
    if (h, w) == size:
        return displacement
    factors = np.array([size[1] / w, size[0] / h], np.float32)
    how = cv2.INTER_AREA if size[0] < h else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(displacement, size[::-1], interpolation=how) * factors, np.float32)


def visible_mask(forward: Array, backward: Array, relative: float = 0.01, absolute: float = 0.5) -> np.ndarray:
    """Mark the pixels of a frame that the reference shows too.

    Such a pixel comes back to within tolerance when it goes to the reference and forth again:
    |b + f(b)|^2 <= relative * (|b|^2 + |f(b)|^2) + absolute   (forward-backward check, Sundaram et al. 2010, Eq. 5);
    one whose way leads out of the reference is not visible.

    Args:
        forward: (H, W, 2) displacement reference -> frame, on the reference grid.
        backward: (H, W, 2) displacement frame -> reference, on the frame's grid.
        relative: tolerance growing with the motion, no unit.
        absolute: tolerance floor, in squared pixels.

    Returns:
        (H, W) bool, True where the reference can supply the colour.

    Raises:
        ValueError: the two fields differ in size.

    Example:
        >>> still = np.zeros((4, 6, 2), np.float32)
        >>> bool(visible_mask(still, still).all())
        True
    """
    if forward.shape != backward.shape:
        raise ValueError(f"forward is {forward.shape} but backward is {backward.shape}; they must be one size")
    returned = backward_warp(forward, backward)
    gap = np.square(backward + returned).sum(2)
    scale = np.square(backward).sum(2) + np.square(returned).sum(2)
    return (gap <= relative * scale + absolute) & inside(backward)


def inside(displacement: Array, margin: float = 0.0) -> np.ndarray:
    """(H, W) bool, True where a displacement ends within an image of its own size, or at most `margin` pixels beyond."""
    h, w = displacement.shape[:2]
    return within(grid(h, w) + displacement, h, w, margin)


def within(positions: Array, height: int, width: int, margin: float = 0.0) -> np.ndarray:
    """(H, W) bool, True where a position (H, W, 2) lies within an image, or at most `margin` pixels beyond."""
    low, high = (-margin, -margin), (width - 1 + margin, height - 1 + margin)
    return cv2.inRange(positions, low, high) > 0
