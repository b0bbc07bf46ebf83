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
from v2v_studio.warping import grid

STRIDE = 6  # between the pixels the background's motion is fitted to
CLOSE = 2.5  # pixels from the fitted motion that still belong to it
APART = 4.0  # pixels from it that belong to something else
PRICE = 25 * 3000.0  # of a patch of the foreground as filling


@dataclass(frozen=True)
class Hole:
    """What the key does not show.

    Attributes:
        share: (H, W) in [0, 1], how surely the key does not show a pixel.
        place: (H, W, 2), where in the key to begin looking for a pixel.
        price: (H, W), what a pixel of the key costs as filling.
    """

    share: Array
    place: Array
    price: Array


def hole_of(source: Array, frame: Array, place: Array, visible: Array) -> Hole:
    """Tell revealed background from the rest.

    Args:
        source, frame: (H, W, 3) in 0..255, the key's source and the frame.
        place: (H, W, 2), position of each pixel in the key. visible: (H, W) in [0, 1].
    """
    share = np.clip(1 - cv2.GaussianBlur(visible, (0, 0), 1.5) / np.float32(0.4), 0, 1)
    price = np.zeros_like(visible)
    behind = background_place(place, visible)
    if behind is None:
        return Hole(share, place, price)
    foreground = foreground_of_key(place, visible, behind)
    price[foreground] = PRICE
    if not foreground.any() or foreground.all():
        return Hole(share, place, price)
    folded = _folded(behind, foreground)
    taken = (share > 0.5) & _read(foreground, place) & _likelier(source, frame, folded, place)
    return Hole(share, np.where(taken[..., None], folded, place), price)


def background_place(place: Array, visible: Array) -> Array | None:
    """Where the background of each pixel is in the key, were nothing in front of it: one affine motion.

    Returns:
        (H, W, 2), or None where too little is visible to tell.
    """
    here = grid(*visible.shape)
    known = visible[::STRIDE, ::STRIDE] > 0.7
    if known.sum() < 12:
        return None
    affine, _ = cv2.estimateAffine2D(
        here[::STRIDE, ::STRIDE][known],
        place[::STRIDE, ::STRIDE][known],
        method=cv2.RANSAC,
        ransacReprojThreshold=CLOSE,
    )
    return None if affine is None else cv2.transform(here, affine.astype(np.float32))


def foreground_of_key(place: Array, visible: Array, behind: Array) -> np.ndarray:
    """(H, W) bool: pixels of the key that visible pixels moving apart from the background come from."""
    height, width = visible.shape
    apart = (np.square(place - behind).sum(2) > APART**2) & (visible > 0.5)
    x, y = np.rint(place[apart]).astype(np.int64).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    hit = np.zeros((height, width), np.uint8)
    hit[y[inside], x[inside]] = 1
    hit = cv2.morphologyEx(hit, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    hit = cv2.morphologyEx(hit, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return cv2.dilate(hit, np.ones((5, 5), np.uint8)).astype(bool)


def _folded(place: Array, foreground: np.ndarray) -> Array:
    """Positions within the key's foreground mirrored at its edge, out of it."""
    height, width = foreground.shape
    _, label = cv2.distanceTransformWithLabels(
        foreground.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    free = ~foreground
    nearest = np.zeros((int(label.max()) + 1, 2), np.float32)
    nearest[label[free]] = grid(height, width)[free]
    edge = nearest[label]
    mirrored = np.where(foreground[..., None], 2 * edge - grid(height, width), grid(height, width))
    limit = np.float32([width - 1, height - 1])
    out = cv2.remap(mirrored, np.clip(place, 0, limit), None, cv2.INTER_NEAREST)
    # what lies beyond the border is mirrored there, as everywhere else
    out = np.where(_read(foreground, place)[..., None], out, place)
    return limit - np.abs(limit - np.abs(out))


def _read(mask: np.ndarray, place: Array) -> np.ndarray:
    """(H, W) bool: the key's mask at positions; False outside."""
    return cv2.remap(mask.astype(np.uint8), place, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT) > 0


def _likelier(source: Array, frame: Array, place: Array, other: Array) -> np.ndarray:
    """(H, W) bool: where the frame looks at least as much like the source at `place` as at `other`, in broad colour."""
    broad, seen = cv2.GaussianBlur(source, (0, 0), 2), cv2.GaussianBlur(frame, (0, 0), 2)
    there, elsewhere = (
        np.abs(seen - cv2.remap(broad, p, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)).mean(2)
        for p in (place, other)
    )
    return there < elsewhere + 10
