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

LANDED = 0.1  # of a pixel's weight has to land on another for its vector to be believed there
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


def inverse(displacement: Array, weight: Array) -> tuple[Array, Array]:
    """The way back: on the grid that a displacement points into, where each pixel came from.

    Every pixel is carried along its displacement, lands among four pixels, and leaves them minus its displacement by
    bilinear shares; what lands on a pixel is averaged by share and weight. This is no negation, which would leave the
    vectors where they start. A pixel that little lands on takes the vector of the nearest one that more lands on.

    Args:
        displacement: (H, W, 2).
        weight: (H, W), how much each of its pixels is to be believed, from 0.

    Returns:
        displacement (H, W, 2), and (H, W) in [0, 1], how much landed on each pixel.

    Example:
        >>> back, landed = inverse(np.tile(np.float32([1, 0]), (1, 4, 1)), np.ones((1, 4), np.float32))
        >>> back[0, :, 0].tolist(), landed[0].tolist()
        ([-1.0, -1.0, -1.0, -1.0], [0.0, 1.0, 1.0, 1.0])
    """
    h, w = weight.shape
    positions = grid(h, w) + displacement
    start = np.floor(positions)
    part, corner = positions - start, start.astype(np.int64)
    carried, sums = planes(displacement), np.zeros((3, h * w))
    for right in (0, 1):
        for down in (0, 1):
            x, y = corner[..., 0] + right, corner[..., 1] + down
            share = np.abs(1 - right - part[..., 0]) * np.abs(1 - down - part[..., 1]) * weight
            lands = (x >= 0) & (x < w) & (y >= 0) & (y < h)
            at, share = (y * w + x)[lands], share[lands]
            for total, values in zip(sums, (share, *(share * plane[lands] for plane in carried)), strict=True):
                total += np.bincount(at, values, h * w)
    landed = sums[0].reshape(h, w)
    back = -sums[1:].reshape(2, h, w) / np.maximum(landed, 1e-9)
    return _from_nearest(pixels(back.astype(np.float32)), landed > LANDED), np.minimum(landed, 1).astype(np.float32)


def _from_nearest(values: Array, known: np.ndarray) -> Array:
    """Values (H, W, C), those of the nearest known pixel where one is not known; all 0 where none is."""
    if known.all() or not known.any():
        return np.where(known[..., None], values, np.float32(0))
    _, label = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros((int(label.max()) + 1, values.shape[2]), np.float32)
    of_label[label[known]] = values[known]
    return np.where(known[..., None], values, of_label[label])


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
