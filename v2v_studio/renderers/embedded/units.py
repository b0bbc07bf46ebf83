"""The predictor's hidden units, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from v2v_studio.types import Array

CHUNK = 512  # pixels at a time, so that a chunk of every feature stays in the cache


@njit(cache=True, nogil=True)
def activate(features: Array, reads: np.ndarray, weights: Array, bias: Array, out: Array) -> None:
    """out[k] = max(0, bias[k] + sum_j weights[k, j] * features[reads[k, j]]).

    features (F, N), reads and weights (K, J), bias (K,), out (K, N). A weight of 0 reads nothing.
    """
    for k in range(len(bias)):
        row = out[k]
        row[:] = bias[k]
        for j in range(reads.shape[1]):
            plane, weight = features[reads[k, j]], weights[k, j]
            if weight != 0:
                for i in range(len(row)):
                    row[i] += weight * plane[i]
        for i in range(len(row)):
            row[i] = max(row[i], np.float32(0))


@njit(cache=True, nogil=True)
def respond(
    features: Array,
    low: Array,
    high: Array,
    reads: np.ndarray,
    weights: Array,
    bias: Array,
    units: Array,
    linear: Array,
    out: Array,
) -> None:
    """out[c] += sum_k units[k, c] * activation[k] + sum_f linear[f, c] * f, every feature held within [low, high].

    features (F, N), low and high (F,), units (K, 3), linear (F, 3), out (3, N).
    """
    n = features.shape[1]
    held = np.empty((len(features), CHUNK), np.float32)
    hidden = np.empty((len(bias), CHUNK), np.float32)
    for start in range(0, n, CHUNK):
        stop = min(start + CHUNK, n)
        seen, active = held[:, : stop - start], hidden[:, : stop - start]
        for f in range(len(features)):
            plane, row, least, most = features[f, start:stop], seen[f], low[f], high[f]
            for i in range(len(row)):
                row[i] = min(max(plane[i], least), most)
        activate(seen, reads, weights, bias, active)
        for c in range(3):
            total = out[c, start:stop]
            for k in range(len(bias)):
                row, weight = active[k], units[k, c]
                for i in range(len(total)):
                    total[i] += weight * row[i]
            for f in range(len(linear)):
                row, weight = seen[f], linear[f, c]
                for i in range(len(total)):
                    total[i] += weight * row[i]
