"""What is in a box, cut out by colour: GrabCut (Rother et al. 2004), OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.media.frames import to_uint8
from v2v_studio.types import Array

Corners = tuple[float, float, float, float]  # x0, y0, x1, y1

CUTS = 5  # rounds
LEAST = 0.1  # share of the box that a silhouette has, or else the box is taken whole


def silhouette(source: Array, box: Corners) -> Array:
    """(H, W), 1 where the object of a box is: what of it has other colours than its surroundings ."""
    height, width = source.shape[1:]
    x0, y0, x1, y1 = (round(v) for v in np.clip(box, 0, [width, height, width, height]))
    whole = np.zeros((height, width), np.float32)
    whole[y0:y1, x0:x1] = 1
    if whole.all() or not whole.any():
        return whole
    picture, found = to_uint8(source[::-1]).transpose(1, 2, 0).copy(), np.zeros((height, width), np.uint8)
    inner, outer = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(picture, found, (x0, y0, x1 - x0, y1 - y0), outer, inner, CUTS, cv2.GC_INIT_WITH_RECT)
    cut = np.isin(found, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return cut if cut.sum() > LEAST * whole.sum() else whole
