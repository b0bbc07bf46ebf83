"""Fréchet inception distance and inception score, of frames."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.metrics.base import Better, Meter
from v2v_studio.metrics.frechet import frechet_distance, moments
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.models import weights
from v2v_studio.models.load import filled
from v2v_studio.types import Array

INCEPTION = "inception-2015"


class Fid:
    """Fréchet distance of Inception's pooled features between the frames of generated and of reference clips."""

    better: Better = "lower"
    unit, needs, models = "", ("reference",), (INCEPTION,)
    source = "Heusel et al. 2017, Eq. 6; over frames as ConsistI2V; Inception of 2015, resized as pytorch-fid does"

    def open(self, clip: Clip) -> Meter:
        return _Frames(0)

    def combine(self, generated: Iterable[Array], reference: Iterable[Array]) -> float:
        return frechet_distance(moments(generated), moments(reference))


class InceptionScore:
    """exp of the mean divergence of a frame's classes from the classes of all frames, by Inception; in one split."""

    better: Better = "higher"
    unit, needs, models = "", (), (INCEPTION,)
    source = "Salimans et al. 2016, section 4; of frames by Inception (ConsistI2V's is of clips by C3D)"

    def open(self, clip: Clip) -> Meter:
        return _Frames(1)

    def combine(self, generated: Iterable[Array], reference: Iterable[Array]) -> float:
        return inception_score(generated)


class _Frames:
    """One feature a frame: the pooled ones (0) or the logits (1)."""

    def __init__(self, output: int) -> None:
        self._output = output
        self._found: list[Array] = []

    def add(self, pair: Pair) -> None:
        self._found.append(pair.shared(INCEPTION, lambda: seen(pair.frame))[self._output])

    def value(self) -> Array:
        return np.stack(self._found)


def inception_score(logits: Iterable[Array]) -> float:
    """exp(mean KL(p(y|x) || p(y))) of logits that come in pieces (N, classes); one piece is held at a time.

    KL summed over all is sum_x sum_y p(y|x) log p(y|x) - N sum_y p(y) log p(y), so two sums are enough.
    """
    count, own, total = 0, 0.0, np.zeros(1)
    for piece in logits:
        exact = piece.astype(np.float64)
        log = exact - exact.max(1, keepdims=True)
        log -= np.log(np.exp(log).sum(1, keepdims=True))
        shares = np.exp(log)
        count, own, total = count + len(piece), own + float((shares * log).sum()), total + shares.sum(0)
    if not count:
        raise UsageError("the inception score needs a frame at least; give clips that have some")
    mean = total / count
    return float(np.exp(own / count - (mean * np.log(np.maximum(mean, 1e-300))).sum()))


def seen(frame: Array) -> tuple[Array, Array]:
    """Inception's pooled features (2048,) and logits (1008,) of a (3, H, W) frame in [0, 1]."""
    import torch

    from v2v_studio.models.device import fed

    network = _network(weights.locate(INCEPTION))
    with torch.inference_mode():
        features, logits = network(fed(network, frame))
    return features[0].cpu().numpy(), logits[0].cpu().numpy()


@lru_cache(1)
def _network(path: Path) -> Any:
    from v2v_studio.models.device import placed
    from v2v_studio.models.inception import FidInception

    return placed(filled(FidInception, path, "FID's Inception", f"fetch it with: v2v models fetch {INCEPTION}"))
