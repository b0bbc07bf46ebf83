"""Fréchet video distance (Unterthiner et al. 2018)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.metrics.base import Better, Meter
from v2v_studio.metrics.frechet import frechet_distance, moments
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.models import weights
from v2v_studio.models.load import filled
from v2v_studio.types import Array

I3D = "i3d"
FRAMES = 16  # of a piece of a clip
SIDE = 224
LEAST_FRAMES = 9  # that I3D can look at


class Fvd:
    """Fréchet distance of I3D's logits between generated and reference clips, each cut into pieces of 16 frames.

    A frame is resized to 224x224 as a whole (bilinear), whatever its shape. A clip of 9 to 15 frames is one piece; what is
    left over of a longer one is not looked at.
    """

    better: Better = "lower"
    unit, needs, models = "", ("reference",), (I3D,)
    source = "Unterthiner et al. 2018, Eq. 2 over I3D's logits; I3D of Kinetics-400 in its PyTorch port"

    def open(self, clip: Clip) -> Meter:
        if clip.frames < LEAST_FRAMES:
            raise UsageError(f"metric 'fvd' needs clips of {LEAST_FRAMES} frames or more, and one has {clip.frames}")
        return _Pieces(min(FRAMES, clip.frames))

    def combine(self, generated: Iterable[Array], reference: Iterable[Array]) -> float:
        return frechet_distance(moments(generated), moments(reference))


class _Pieces:
    """Gathers frames and gives each full piece to the network."""

    def __init__(self, frames: int) -> None:
        self._size = frames
        self._frames: list[Array] = []
        self._found: list[Array] = []

    def add(self, pair: Pair) -> None:
        self._frames.append(_seen(pair.frame))
        if len(self._frames) == self._size:
            self._found.append(logits(np.stack(self._frames, 1)))
            self._frames = []

    def value(self) -> Array:
        return np.stack(self._found)


def logits(piece: Array) -> Array:
    """I3D's (400,) of one piece (3, T, 224, 224) in [-1, 1]. MissingError where its weights are not here."""
    import torch

    from v2v_studio.models.device import fed

    network = _network(weights.locate(I3D))
    with torch.inference_mode():
        return np.asarray(network(fed(network, piece))[0].cpu().numpy(), np.float32)


def _seen(frame: Array) -> Array:
    return np.stack([cv2.resize(plane, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for plane in frame]) * 2 - 1


@lru_cache(1)
def _network(path: Path) -> Any:
    from v2v_studio.models.device import placed
    from v2v_studio.models.i3d import I3d

    return placed(filled(I3d, path, "I3D", "fetch it with: v2v models fetch i3d"))
