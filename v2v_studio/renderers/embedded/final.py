"""The embedded renderer at full quality."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.renderers.base import Carry, Rendered
from v2v_studio.renderers.embedded.background import COST, background_place, foreground_of_key, hole
from v2v_studio.renderers.embedded.band import feathered, torn
from v2v_studio.renderers.embedded.gates import gates, held_out
from v2v_studio.renderers.embedded.predictor import Predictor
from v2v_studio.renderers.embedded.synthesis import Synthesis, Task
from v2v_studio.types import Anchor, Array, Motion, Window
from v2v_studio.warping import grid, pixels, planes


class Final:
    def __init__(self, anchor: Anchor, seed: int) -> None:
        self._source, self._styled = pixels(anchor.source) * 255, pixels(anchor.styled) * 255
        self._seed = seed
        unseen = held_out(*self._source.shape[:2])
        self._predictor = Predictor(self._source, self._styled, unseen, np.random.default_rng(seed))
        self._predicted = self._predictor(self._source)
        self.gates = gates(self._styled, self._predicted, unseen)
        self._noise = 0.49 * float(np.square(self._styled - self._predicted).mean()) + 1e-3
        self._synthesis = Synthesis(self._source, self._styled)

    def render(self, window: Window, motion: Motion, carry: Carry) -> Rendered:
        frame = pixels(window.frames[0]) * 255
        place = grid(*frame.shape[:2]) + pixels(motion.displacement[0])
        visible = motion.visible[0, 0]
        g = self.gates
        predicted = self._predictor(frame) if max(g.filter, g.shading) > 0 else None
        warped = np.clip(sample(self._styled, place), 0, 255)
        out = np.zeros_like(frame)
        carried = {}
        if g.filter > 0:
            change = cored(predicted - sample(self._predicted, place), self._noise)
            sure = visible[..., None]
            out += g.filter * (sure * (warped + change) + (1 - sure) * predicted)
        if g.filter < 1:
            painted, match, share = self._painted(window, frame, place, motion, carry, warped)
            carried = {"output": np.rint(np.clip(painted, 0, 255)).astype(np.uint8)}
            if g.shading > 0:
                where = np.where(share[..., None] > 0.5, match, place).astype(np.float32)
                change = cv2.GaussianBlur(predicted - sample(self._predicted, where), (0, 0), 2)
                painted = painted + g.shading * cored(change, self._noise)
            out += (1 - g.filter) * painted
        return Rendered(np.clip(planes(out) / 255, 0, 1)[None], carried)

    def _painted(self, window, frame, place, motion, carry, warped):
        displacement, visible = pixels(motion.displacement[0]), motion.visible[0, 0]
        band = torn(displacement, visible)
        share = feathered(band)
        hidden = np.zeros(visible.shape, np.float32)
        background = background_place(place, visible)
        if background is not None:
            hidden[foreground_of_key(place, visible, background)] = COST
        previous = self._styled if window.start == 1 else carry.get("output")
        if previous is not None and motion.step is not None:
            where = grid(*visible.shape) + pixels(motion.step[0])
            previous = np.clip(sample(previous.astype(np.float32), where), 0, 255)
        else:
            previous = None
        task = Task(frame, warped, previous, place, visible, band, hole(visible), hidden)
        synthesised, match = self._synthesis(task, self._seed + window.start)
        out = warped + share[..., None] * (synthesised - warped)
        return out, match, share


def sample(image: Array, place: Array) -> Array:
    return cv2.remap(image, place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def cored(change: Array, noise: float) -> Array:
    """Changes smaller than the predictor's own error are noise: D (1 - exp(-G1.5 mean_c D^2 / noise))."""
    power = cv2.GaussianBlur(np.square(change).mean(2), (0, 0), 1.5)
    return change * (1 - np.exp(-power / np.float32(noise)))[..., None]
