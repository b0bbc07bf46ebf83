"""The embedded renderer in seconds: the key moved, a colour table where that suffices, no search and nothing compiled."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.renderers.base import Carry, Rendered
from v2v_studio.renderers.embedded.band import outside
from v2v_studio.renderers.embedded.gates import filter_share, held_out
from v2v_studio.renderers.embedded.lookup import lookup, opened, unit_planes
from v2v_studio.renderers.embedded.table import ColourTable
from v2v_studio.types import Anchor, Array, FlowField, Window
from v2v_studio.warping import pixels

SAMPLES = 10_000


class Draft:
    """One key, ready to be carried. There is no state between frames."""

    window = stride = 1

    def __init__(self, anchor: Anchor, seed: int) -> None:
        source, self._styled = opened(anchor)
        unseen = held_out(*source.shape[:2])
        learn = np.flatnonzero(~unseen)
        learn = learn[:: max(1, len(learn) // SAMPLES)]
        self._table = ColourTable(source.reshape(-1, 3)[learn], self._styled.reshape(-1, 3)[learn])
        self._filter = filter_share(self._styled, np.clip(self._table(source), 0, 255), unseen)

    def render(self, window: Window, motion: FlowField, carry: Carry) -> Rendered:
        displacement, visible = pixels(motion.displacement[0]), motion.visible[0, 0]
        out = np.zeros((*visible.shape, 3), np.float32)
        if self._filter > 0:
            out += np.float32(self._filter) * self._table(pixels(window.frames[0]) * np.float32(255))
        if self._filter < 1:
            filled = nearest_known(displacement, visible)
            out += np.float32(1 - self._filter) * lookup(self._styled, filled)
        return Rendered(unit_planes(out)[None], {})


def nearest_known(displacement: Array, visible: Array) -> Array:
    """Displacement (H, W, 2) with that of the nearest pixel the key surely shows, where it does not show a pixel."""
    bad = ((cv2.GaussianBlur(visible, (0, 0), 1) < 0.5) | outside(displacement)).astype(np.uint8)
    bad = cv2.morphologyEx(bad, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not bad.any() or bad.all():
        return displacement
    _, label = cv2.distanceTransformWithLabels(bad, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    known = bad == 0
    of_label = np.zeros((int(label.max()) + 1, 2), np.float32)
    of_label[label[known]] = displacement[known]
    return of_label[label]
