"""The embedded renderer at full quality."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.renderers.base import Carry, Rendered
from v2v_studio.renderers.embedded.background import revealed
from v2v_studio.renderers.embedded.band import feathered, mismatch, regularised, steadied, torn
from v2v_studio.renderers.embedded.gates import filter_share, held_out
from v2v_studio.renderers.embedded.lookup import lookup, opened, unit_planes
from v2v_studio.renderers.embedded.predictor import Predictor
from v2v_studio.renderers.embedded.synthesis import Synthesis, Task
from v2v_studio.types import Anchor, Array, FlowField, Window
from v2v_studio.warping import grid, pixels


class Final:
    """One key, ready to be carried: fitted predictor, and patches.

    The state between frames is the painted output before, in `carry["painted"]` (H, W, 3) uint8; a filter needs none.
    """

    window = stride = 1

    def __init__(self, anchor: Anchor, seed: int) -> None:
        self._source, self._styled = opened(anchor)
        self._seed = seed
        unseen = held_out(*self._source.shape[:2])
        self._predictor = Predictor(self._source, self._styled, unseen, np.random.default_rng(seed))
        self._predicted = self._predictor(self._source)
        self._noise = 0.49 * float(np.square(self._styled - self._predicted).mean()) + 1e-3
        self._filter = filter_share(self._styled, self._predicted, unseen)
        self._synthesis = Synthesis(self._source, self._styled)

    def render(self, window: Window, motion: FlowField, carry: Carry) -> Rendered:
        frame = pixels(window.frames[0]) * np.float32(255)
        displacement, visible = pixels(motion.displacement[0]), motion.visible[0, 0]
        out = np.zeros_like(frame)
        carried: dict[str, Array] = {}
        if self._filter > 0:
            out += np.float32(self._filter) * self._filtered(frame, displacement, visible)
        if self._filter < 1:
            before = self._styled if window.start == 1 else carry.get("painted")
            painted = self._painted(frame, displacement, visible, _moved(before, motion), self._seed + window.start)
            carried["painted"] = np.rint(np.clip(painted, 0, 255)).astype(np.uint8)
            out += np.float32(1 - self._filter) * painted
        return Rendered(unit_planes(out)[None], carried)

    def _filtered(self, frame: Array, displacement: Array, visible: Array) -> Array:
        """The key moved, plus the change that the prediction sees; where the key is unsure, the prediction alone."""
        predicted = self._predictor(frame)
        change = _cored(predicted - lookup(self._predicted, displacement), self._noise)
        return predicted + visible[..., None] * (lookup(self._styled, displacement) + change - predicted)

    def _painted(self, frame: Array, displacement: Array, visible: Array, before: Array | None, seed: int) -> Array:
        """The key moved; synthesised from its patches where the map is unsure or torn, and cannot be believed after all.

        Within the band the key's own pixels, moved, are finer than patches: they stay where the search comes back to where
        the map points, and the source there looks like the frame.
        """
        known = revealed(self._source, frame, displacement, visible)
        smooth = regularised(known.displacement, visible)
        moved = lookup(self._styled, smooth)
        band = torn(known.displacement, visible)
        if not band.any():
            return moved
        place = grid(*visible.shape) + known.displacement
        task = Task(frame, moved, before, place, visible, band, known.hole, known.price)
        made, strayed = self._synthesis(task, seed)
        needed = np.maximum(strayed, mismatch(frame, lookup(self._source, smooth)))
        return moved + feathered(band, needed)[..., None] * (steadied(made, before) - moved)


def _moved(before: Array | None, motion: FlowField) -> Array | None:
    """The output before, as seen from this frame; None where there is none, or no way to it."""
    if before is None or motion.step is None:
        return None
    return lookup(before.astype(np.float32), pixels(motion.step[0]))


def _cored(change: Array, noise: float) -> Array:
    """Change less what is under the predictor's own error: D (1 - exp(-G1.5 mean_c D^2 / noise))."""
    power = cv2.GaussianBlur(np.square(change).mean(2), (0, 0), 1.5)
    return change * (1 - np.exp(power * np.float32(-1 / noise)))[..., None]
