"""Background that the key never shows: what may fill it.

Where something in front has moved on, the background behind it was never painted. The tracker has no answer there, and
the nearest one, the foreground's own texture, is the worst. So what the foreground covers in the key is made dear, and the
background's motion, mirrored at the foreground's edge into what the key does show, is where a search begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from v2v_studio.types import Array
from v2v_studio.warping import backward_warp, grid

STRIDE = 6  # between the pixels the background's motion is fitted to
CLOSE = 2.5  # pixels from the fitted motion that still belong to it
APART = 4.0  # pixels from it that belong to something else
LEAST = 0.4  # share of the frame that must move as the background does, for there to be one
TOLERANCE = 10.0  # of 255, by which broad colour may be less like the background
PRICE = 25 * 3 * 255.0**2  # of a patch of the foreground as filling: more than patches can differ in colour


@dataclass(frozen=True)
class Revealed:
    """What may stand for the pixels of a frame that the key does not show.

    Attributes:
        displacement: (H, W, 2), to where in the key a search begins.
        hole: (H, W) in [0, 1], how surely a pixel is background that the key does not show.
        price: (H, W), what a pixel of the key costs as filling of a hole.
    """

    displacement: Array
    hole: Array
    price: Array


def revealed(source: Array, frame: Array, displacement: Array, visible: Array) -> Revealed:
    """Tell revealed background from a foreground that has changed: the one looks like background nearby, not the other.

    Args:
        source, frame: (H, W, 3) in 0..255, the key's source and the frame.
        displacement: (H, W, 2) into the key. visible: (H, W) in [0, 1].
    """
    hole = np.clip(1 - cv2.GaussianBlur(visible, (0, 0), 1.5) / np.float32(0.4), 0, 1)
    price = np.zeros_like(visible)
    behind = background_motion(displacement, visible)
    if behind is not None:
        foreground = foreground_of_key(displacement, visible, behind)
        if foreground.any() and not foreground.all():
            price[foreground] = PRICE
            folded = _folded(behind, foreground)
            hole = hole * _likelier(source, frame, folded, displacement)
            fill = (hole > 0.5) & _at(foreground, displacement)
            displacement = np.where(fill[..., None], folded, displacement)
    return Revealed(displacement, hole, price)


def background_motion(displacement: Array, visible: Array) -> Array | None:
    """One affine motion for the whole frame, that of most of what is visible (RANSAC).

    Returns:
        (H, W, 2) displacement into the key, or None where too little moves together to tell.
    """
    here = grid(*visible.shape)
    known = visible[::STRIDE, ::STRIDE] > 0.7
    if known.sum() < 12:
        return None
    start = here[::STRIDE, ::STRIDE][known]
    end = start + displacement[::STRIDE, ::STRIDE][known]
    affine, follows = cv2.estimateAffine2D(start, end, method=cv2.RANSAC, ransacReprojThreshold=CLOSE)
    if affine is None or follows.sum() < LEAST * known.size:
        return None
    return cv2.transform(here, affine.astype(np.float32)) - here


def foreground_of_key(displacement: Array, visible: Array, behind: Array) -> np.ndarray:
    """(H, W) bool: pixels of the key that visible pixels moving apart from the background come from."""
    height, width = visible.shape
    apart = (np.square(displacement - behind).sum(2) > APART**2) & (visible > 0.5)
    x, y = np.rint((grid(height, width) + displacement)[apart]).astype(np.int64).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    hit: np.ndarray = np.zeros((height, width), np.uint8)
    hit[y[inside], x[inside]] = 1
    hit = cv2.morphologyEx(hit, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    hit = cv2.morphologyEx(hit, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return cv2.dilate(hit, np.ones((5, 5), np.uint8)) > 0


def _folded(displacement: Array, foreground: np.ndarray) -> Array:
    """Displacements that end within the key's foreground mirrored at its edge, out of it."""
    height, width = foreground.shape
    _, label = cv2.distanceTransformWithLabels(
        foreground.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.zeros((int(label.max()) + 1, 2), np.float32)
    nearest[label[~foreground]] = grid(height, width)[~foreground]
    over = 2 * (nearest[label] - grid(height, width))
    out = displacement + np.where(
        _at(foreground, displacement)[..., None], backward_warp(over, displacement, "nearest"), np.float32(0)
    )
    limit = np.array([width - 1, height - 1], np.float32)  # beyond the border the key is mirrored, as everywhere else
    return limit - np.abs(limit - np.abs(grid(height, width) + out)) - grid(height, width)


def _at(mask: np.ndarray, displacement: Array) -> np.ndarray:
    """(H, W) bool: the key's mask where displacements end; False outside."""
    return backward_warp(mask.astype(np.uint8), displacement, "nearest", cv2.BORDER_CONSTANT) > 0


def _likelier(source: Array, frame: Array, displacement: Array, other: Array) -> Array:
    """(H, W), 1 where the frame looks about as much like the source along `displacement` as along `other`, else 0."""
    broad, seen = cv2.GaussianBlur(source, (0, 0), 2), cv2.GaussianBlur(frame, (0, 0), 2)
    here = np.abs(seen - backward_warp(broad, displacement)).mean(2)
    there = np.abs(seen - backward_warp(broad, other)).mean(2)
    return (here < there + TOLERANCE).astype(np.float32)
