"""What CLIP says of a clip: whether it shows its prompt, and one and the same thing all along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from v2v_studio.metrics.base import Mean, Meter, PerFrame
from v2v_studio.metrics.embedding import CLIP, clip_image, clip_scale, clip_text, embedded
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.models import weights
from v2v_studio.types import Array


def image_similarity(one: Array, other: Array) -> float | None:
    """How alike two (3, H, W) pictures are in what they show: the cosine of their CLIP embeddings, in [-1, 1].

    1 for the same picture; None where CLIP's weights are not on this machine.
    """
    return float(clip_image(one) @ clip_image(other)) if weights.present(CLIP) else None


class ClipSim:
    """Cosine of the CLIP embeddings of frame and prompt (CLIPSIM), mean over frames; papers also print 100 times it."""

    better, unit, needs, models = "higher", "", ("prompt",), (CLIP,)
    source = "Wu et al. 2021 (GODIVA); as ConsistI2V and SMCD report it, CLIP ViT-B/32"

    def open(self, clip: Clip) -> Meter:
        return Mean(self._against(clip.prompt))

    def _against(self, prompt: str) -> Callable[[Pair], float]:
        text = clip_text(prompt)
        return lambda pair: float(embedded(pair, CLIP) @ text)


class ClipPrompt(ClipSim):
    """CLIP's logit of frame and prompt (prompt consistency), mean over frames: the cosine times CLIP's own scale."""

    source = "Shi et al. 2024 (Motion-I2V), prompt consistency; CLIP ViT-B/32, for the paper does not name one"

    def open(self, clip: Clip) -> Meter:
        cosine, scale = self._against(clip.prompt), clip_scale()
        return Mean(lambda pair: scale * cosine(pair))


class ClipFrames(PerFrame):
    """Cosine of the CLIP embeddings of a frame and the one before it (frame consistency), mean over frames."""

    better, needs, models = "higher", (), (CLIP,)
    source = "Shi et al. 2024 (Motion-I2V), frame consistency; CLIP ViT-B/32, for the paper does not name one"

    def frame(self, pair: Pair) -> float | None:
        return None if pair.before is None else float(np.dot(embedded(pair.before, CLIP), embedded(pair, CLIP)))
