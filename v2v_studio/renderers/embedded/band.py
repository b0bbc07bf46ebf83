"""Where a look-up in the key cannot be trusted pixel by pixel, because the map is unsure or torn."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array

UNSURE = 0.7
TEAR = 0.8  # pixels by which neighbours' displacements may differ
MARGIN = 11  # diameter of what is added around


def torn(displacement: Array, visible: Array) -> np.ndarray:
    """(H, W) bool: unseen in the key, torn from its neighbours or mapped outside; and a margin around.

    Args:
        displacement: (H, W, 2) in pixels. visible: (H, W) in [0, 1].
    """
    bad = (cv2.GaussianBlur(visible, (0, 0), 1) < UNSURE) | outside(displacement)
    for side, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        jump = np.abs(displacement[side] - displacement[other])
        tear = np.maximum(jump[..., 0], jump[..., 1]) > TEAR
        bad[side] |= tear
        bad[other] |= tear
    specks = cv2.morphologyEx(bad.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (MARGIN, MARGIN))
    return cv2.dilate(specks, disc).astype(bool)


def outside(displacement: Array) -> np.ndarray:
    """(H, W) bool: mapped out of the key."""
    height, width = displacement.shape[:2]
    x = np.arange(width, dtype=np.float32) + displacement[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + displacement[..., 1]
    return (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)


def feathered(band: np.ndarray) -> np.ndarray:
    """(H, W) in [0, 1]: the share of the synthesis, falling to zero inside the band's edge."""
    inner = cv2.erode(band.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    return cv2.GaussianBlur(inner, (0, 0), 1.5)
