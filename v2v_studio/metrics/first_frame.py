"""How well a clip keeps to the frame it was made from (first-frame fidelity, SMCD; video-image alignment, VBench-I2V)."""

from __future__ import annotations

import numpy as np

from v2v_studio.metrics.base import Meter, PerFrame
from v2v_studio.metrics.embedding import CLIP, embedded, given
from v2v_studio.metrics.pair import Clip, Pair

DINO_SMALL, DINO = "dino-vits16", "dino-vitb16"


class FirstFrameClip(PerFrame):
    """Cosine of the CLIP embeddings of a frame and the first frame of the reference, mean over frames."""

    better, models = "higher", (CLIP,)
    source = "SMCD's FFF_CLIP; CLIP ViT-B/32, for neither paper nor code names one"

    def frame(self, pair: Pair) -> float:
        return float(embedded(pair, self.models[0]) @ given(pair, self.models[0]))


class FirstFrameDino(FirstFrameClip):
    """Cosine of DINO's class tokens of a frame and the first frame of the reference, mean over frames."""

    models = (DINO_SMALL,)
    source = "SMCD's FFF_DINO; DINO ViT-S/16, for neither paper nor code names one"


class I2vSubject:
    """VBench-I2V's subject alignment: half the greatest likeness to the given frame, half the mean from frame to frame.

    Likeness is the cosine of DINO ViT-B/16 class tokens, at least 0; the given frame is the reference's first.
    """

    better, unit, needs, models = "higher", "", ("reference",), (DINO,)
    source = "VBench-I2V (Huang et al. 2024), i2v_subject, as its code weighs it"

    def open(self, clip: Clip) -> Meter:
        return _I2vSubjectMeter()


class _I2vSubjectMeter:
    def __init__(self) -> None:
        self._to_given: list[float] = []
        self._on: list[float] = []

    def add(self, pair: Pair) -> None:
        now = embedded(pair, DINO)
        self._to_given.append(max(0.0, float(now @ given(pair, DINO))))
        if pair.before:
            self._on.append(max(0.0, float(now @ embedded(pair.before, DINO))))

    def value(self) -> float | None:
        return 0.5 * max(self._to_given) + 0.5 * float(np.mean(self._on)) if self._on else None
