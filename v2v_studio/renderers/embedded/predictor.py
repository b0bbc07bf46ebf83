"""The style as a function of appearance: styled colour predicted from the source frame alone."""

from __future__ import annotations

import numpy as np

from v2v_studio.renderers.embedded.features import FEATURES, features
from v2v_studio.renderers.embedded.layer import Layer, fit
from v2v_studio.renderers.embedded.table import ColourTable
from v2v_studio.types import Array

SAMPLES = 40_000
EXACT = 4.0  # mean squared error under which a table is the whole style


class Predictor:
    """A colour table, and a layer of units fitted to what the table leaves.

    Args:
        source: (H, W, 3) in 0..255, the first source frame.
        styled: (H, W, 3) in 0..255, the same frame styled.
        unseen: (H, W) bool, pixels that only choose how strongly the fit is held back.
    """

    def __init__(self, source: Array, styled: Array, unseen: np.ndarray, rng: np.random.Generator) -> None:
        learn, judge = _sample(~unseen, SAMPLES, rng), _sample(unseen, SAMPLES // 3, rng)
        colours, target = source.reshape(-1, 3), styled.reshape(-1, 3)
        self._table = ColourTable(colours[learn], target[learn])
        self._layer: Layer | None = None
        residual = (styled - self._table(source)).reshape(-1, 3)
        if np.square(residual[learn]).mean() < EXACT:
            every = _sample(np.ones_like(unseen), 2 * SAMPLES, rng)
            self._table = ColourTable(colours[every], target[every])
            return
        seen = features(source).reshape(FEATURES, -1)
        self._layer = fit(seen[:, learn], residual[learn], seen[:, judge], residual[judge], rng)

    def __call__(self, image: Array) -> Array:
        """(H, W, 3) in 0..255 -> (H, W, 3), clipped to 0..255."""
        out = self._table(image)
        if self._layer is not None:
            out += self._layer(features(image).reshape(FEATURES, -1)).T.reshape(out.shape)
        return np.clip(out, 0, 255, out=out)


def _sample(mask: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Flat indices of at most `count` pixels of the mask, in order."""
    index = np.flatnonzero(mask)
    return index if len(index) <= count else np.sort(rng.choice(index, count, replace=False))
