"""Where a look-up in the key cannot be trusted pixel by pixel, because the map is unsure or torn."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array

UNSURE = 0.7
TEAR = 0.8  # pixels by which neighbours' displacements may differ
MARGIN = 9  # diameter of what is added around
JITTER = 1.5  # pixels, standard deviation of the map's neighbourhood
LIKENESS = 1.5  # pixels, standard deviation of where two pictures are held against each other
ALIKE, UNLIKE = 3.2, 6.4  # mean difference of 255: below, the map can be believed; above, it cannot
HELD = 0.25  # share of the frame before in what is synthesised
CALM, CHANGED = (
    12.0,
    24.0,
)  # mean difference of 255 of the two: up to the one it is held whole, from the other not at all


def torn(displacement: Array, visible: Array, unsure: float = UNSURE, margin: int = MARGIN) -> np.ndarray:
    """(H, W) bool: unseen in the key, torn from its neighbours or mapped outside; and a margin around.

    Args:
        displacement: (H, W, 2) in pixels. visible: (H, W) in [0, 1].
        unsure: below it a pixel counts as unseen. margin: in pixels, across.
    """
    bad = (cv2.GaussianBlur(visible, (0, 0), 1) < unsure) | outside(displacement)
    for side, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        jump = np.abs(displacement[side] - displacement[other])
        tear = np.maximum(jump[..., 0], jump[..., 1]) > TEAR
        bad[side] |= tear
        bad[other] |= tear
    specks = cv2.morphologyEx(bad.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (margin, margin))
    return cv2.dilate(specks, disc).astype(bool)


def regularised(displacement: Array, visible: Array) -> Array:
    """The map without its jitter: the mean of a neighbourhood, on this side of a tear only; a tear stays as it is."""
    apart = torn(displacement, visible, unsure=0.5, margin=5)
    whole = (~apart).astype(np.float32)
    weight = cv2.GaussianBlur(whole, (0, 0), JITTER)
    mean = cv2.GaussianBlur(displacement * whole[..., None], (0, 0), JITTER) / np.maximum(weight, 1e-3)[..., None]
    return np.where(apart[..., None], displacement, mean)


def mismatch(frame: Array, moved: Array) -> Array:
    """(H, W) in [0, 1]: 0 where the source moved here looks like the frame, so that the map can be believed; 1 where not.

    Args:
        frame, moved: (H, W, 3) in 0..255.
    """
    return np.clip((_gap(frame, moved) - ALIKE) / (UNLIKE - ALIKE), 0, 1)


def steadied(made: Array, before: Array | None) -> Array:
    """What is synthesised, drawn towards the output before, moved here, where the two are nearly the same anyway.

    Args:
        made, before: (H, W, 3) in 0..255; None where there is no output before.
    """
    if before is None:
        return made
    share = HELD * np.clip((CHANGED - _gap(before, made)) / (CHANGED - CALM), 0, 1)
    return made + share[..., None] * (before - made)


def _gap(one: Array, other: Array) -> Array:
    """(H, W): by how much two pictures differ around a pixel."""
    return cv2.GaussianBlur(np.abs(one - other).mean(2), (0, 0), LIKENESS)  # type: ignore[return-value]


def outside(displacement: Array) -> np.ndarray:
    """(H, W) bool: mapped out of the key."""
    height, width = displacement.shape[:2]
    x = np.arange(width, dtype=np.float32) + displacement[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + displacement[..., 1]
    return (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)


def feathered(band: np.ndarray, needed: Array) -> Array:
    """(H, W) in [0, 1]: the share of the synthesis, falling to zero inside the band's edge, and where it is not needed."""
    inner = cv2.erode(band.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    soft: Array = cv2.GaussianBlur(inner, (0, 0), 1.5)  # type: ignore[assignment]
    return soft * np.clip(2 * cv2.GaussianBlur(needed, (0, 0), 1), 0, 1)
