"""The axes of I2V-Bench and VBench that look at a clip alone (Huang et al. 2024, "VBench", section 3.1)."""

from __future__ import annotations

from math import floor

import numpy as np

from v2v_studio.flow.raft import Raft
from v2v_studio.metrics.base import Meter, PerFrame
from v2v_studio.metrics.embedding import CLIP, embedded
from v2v_studio.metrics.first_frame import DINO
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.models import weights
from v2v_studio.types import Array

RAFT = "raft_large"  # trained on Chairs and Things, the weights that VBench takes
UPDATES = 20  # iterations of it
RATE = 8  # frames per second that the dynamic degree looks at
FASTEST_SHARE = 0.05  # of the pixels, whose mean speed is a frame's
DYNAMIC_PIXELS, DYNAMIC_LINES = 6.0, 256  # a frame is in motion from so many pixels a step on, of a side so long
DYNAMIC_FRAMES, DYNAMIC_OF = 4, 16  # and a clip is dynamic where so many frames of so many are


class SubjectConsistency(PerFrame):
    """Mean of the cosines to the first frame and to the frame before, each at least 0, of DINO ViT-B/16 class tokens."""

    better, needs, models = "higher", (), (DINO,)
    source = "VBench, subject consistency; I2V-Bench (Ren et al. 2024) takes the same"

    def frame(self, pair: Pair) -> float | None:
        if pair.before is None:
            return None
        now = embedded(pair, self.models[0])
        others = (embedded(pair.first, self.models[0]), embedded(pair.before, self.models[0]))
        return sum(max(0.0, float(now @ other)) for other in others) / 2


class BackgroundConsistency(SubjectConsistency):
    """The same of CLIP ViT-B/32 embeddings."""

    models = (CLIP,)
    source = "VBench, background consistency; I2V-Bench takes the same"


class TemporalFlickering(PerFrame):
    """(255 - mean |difference to the frame before| in levels) / 255: 1 for a still."""

    better, needs = "higher", ()
    source = "VBench, temporal flickering; I2V-Bench takes the same"

    def frame(self, pair: Pair) -> float | None:
        return None if pair.before is None else 1 - float(np.abs(pair.frame - pair.before.frame).mean())


class DynamicDegree:
    """1 for a clip in motion, 0 for one that is not; the mean over clips is the share in motion.

    Frames are taken some 8 a second. A step is in motion where the fastest 5 % of its pixels go, on average, farther than
    6 pixels of a frame whose shorter side is 256 (farther still where the clip itself has fewer than 8 frames a second); a
    clip where a quarter of its frames are.
    """

    better, unit, needs, models = "neither", "share", (), (RAFT,)
    source = "VBench, dynamic degree, as its code computes it; RAFT large by torchvision"

    def open(self, clip: Clip) -> Meter:
        return _DynamicMeter(Raft(weights.locate(RAFT), "large", UPDATES), clip)


class _DynamicMeter:
    def __init__(self, flow: Raft, clip: Clip) -> None:
        self._flow = flow
        self._every = max(1, round(clip.rate / RATE))
        taken = -(-clip.frames // self._every)
        slow = max(1.0, float(RATE / clip.rate))
        self._limit = slow * DYNAMIC_PIXELS * min(clip.size) / DYNAMIC_LINES
        self._enough = round(DYNAMIC_FRAMES * taken / DYNAMIC_OF)
        self._index, self._moving = 0, 0
        self._last: Array | None = None

    def add(self, pair: Pair) -> None:
        if self._index % self._every == 0:
            if self._last is not None:
                self._moving += fastest(self._flow.between(self._last, pair.frame)) > self._limit
            self._last = pair.frame
        self._index += 1

    def value(self) -> float:
        return float(self._moving >= max(1, self._enough))


def fastest(displacement: Array) -> float:
    """Mean length of the longest FASTEST_SHARE of the vectors of an (H, W, 2) displacement, in pixels."""
    lengths = np.sort(np.hypot(displacement[..., 0], displacement[..., 1]), axis=None)
    return float(lengths[-max(1, floor(FASTEST_SHARE * lengths.size)) :].mean())
