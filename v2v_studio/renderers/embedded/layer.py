"""Random hidden units with a linear read-out, fitted in closed form (Rahimi and Recht 2008)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from v2v_studio.renderers.embedded.units import activate, respond
from v2v_studio.types import Array

DRAWN, KEPT = 512, 128
MOST_READ = 4  # features a unit reads
TRIAL = 8_000  # pixels that units are chosen by
RIDGES = (1e-4, 1e-3, 1e-2)


@dataclass(frozen=True)
class Units:
    """Rectified units: unit k is max(0, bias[k] + sum_j weights[k, j] * feature[reads[k, j]])."""

    reads: np.ndarray
    weights: Array
    bias: Array

    def __call__(self, seen: Array) -> Array:
        """(F, N) -> (K, N)."""
        out = np.empty((len(self.bias), seen.shape[1]), np.float32)
        activate(seen, self.reads, self.weights, self.bias, out)
        return out

    def __getitem__(self, keep: np.ndarray) -> Units:
        return Units(self.reads[keep], self.weights[keep], self.bias[keep])


@dataclass(frozen=True)
class Layer:
    """Units and features, read out linearly. Features are held within what the fit saw: it does not extrapolate."""

    mean: Array
    spread: Array
    low: Array
    high: Array
    units: Units
    out_units: Array
    out_features: Array
    shift: Array

    def __call__(self, seen: Array) -> Array:
        """(F, N) -> (3, N)."""
        units, scale = self.units, np.reciprocal(self.spread)
        weights = (units.weights * scale[units.reads]).astype(np.float32)
        bias = units.bias - (weights * self.mean[units.reads]).sum(1, dtype=np.float32)
        linear = self.out_features * scale[:, None]
        out = np.empty((3, seen.shape[1]), np.float32)
        out[:] = (self.shift - (linear * self.mean[:, None]).sum(0))[:, None]
        respond(seen, self.low, self.high, units.reads, weights, bias, self.out_units, linear, out)
        return out


@threadpool_limits.wrap(limits=1, user_api="blas")  # sums must not depend on how many threads made them
def fit(seen: Array, target: Array, held: Array, truth: Array, rng: np.random.Generator) -> Layer | None:
    """Ridge regression, the ridge chosen on pixels held back.

    Args:
        seen: (F, N) features and target (N, 3), to learn from.
        held, truth: the same of other pixels, to judge by.

    Returns:
        None if less than 5 % of the truth can be explained.
    """
    mean, spread = seen.mean(1), seen.std(1) + np.float32(1e-3)
    low, high = seen.min(1), seen.max(1)
    seen = (seen - mean[:, None]) / spread[:, None]
    held = (np.clip(held, low[:, None], high[:, None]) - mean[:, None]) / spread[:, None]
    units = _chosen(_drawn(seen, rng), seen, target, rng)
    rows = _rows(units, seen)
    gram, right = _moments(rows, target)
    trial = _rows(units, held)
    best, least = None, 0.95 * float(np.square(truth).sum())
    for ridge in RIDGES:
        answer = _solved(gram, right, ridge * len(target))
        error = float(np.square(trial.T @ answer - truth).sum())
        if error < least:
            best, least = answer, error
    if best is None:
        return None
    count = len(units.bias)
    return Layer(mean, spread, low, high, units, best[:count].copy(), best[count:-1].copy(), best[-1].copy())


def _drawn(seen: Array, rng: np.random.Generator) -> Units:
    """Units of few features and normal weights, each with its threshold at a pixel of the picture."""
    reads = rng.integers(0, len(seen), (DRAWN, MOST_READ))
    count = rng.integers(1, MOST_READ + 1, DRAWN)
    used = np.arange(MOST_READ) < count[:, None]
    weights = np.where(used, rng.normal(0, 1, reads.shape) / np.sqrt(count)[:, None], 0)
    pixel = rng.integers(0, seen.shape[1], DRAWN)
    bias = -(weights * seen[reads, pixel[:, None]]).sum(1)
    return Units(reads, weights.astype(np.float32), bias.astype(np.float32))


def _chosen(units: Units, seen: Array, target: Array, rng: np.random.Generator) -> Units:
    """Those that matter most in a first fit to a part of the pixels: |weight in the answer| x spread of the unit."""
    some = rng.permutation(len(target))[:TRIAL]
    rows = _rows(units, np.ascontiguousarray(seen[:, some]))
    answer = _solved(*_moments(rows, target[some]), RIDGES[1] * len(some))
    weight = np.abs(answer[:DRAWN]).sum(1) * rows[:DRAWN].std(1)
    return units[np.sort(np.argsort(-weight, kind="stable")[:KEPT])]


def _rows(units: Units, seen: Array) -> Array:
    """The design matrix, transposed: units, features and a one."""
    return np.vstack([units(seen), seen, np.ones((1, seen.shape[1]), np.float32)])


def _moments(rows: Array, target: Array) -> tuple[np.ndarray, np.ndarray]:
    return (rows @ rows.T).astype(np.float64), (rows @ target).astype(np.float64)


def _solved(gram: np.ndarray, right: np.ndarray, ridge: float) -> Array:
    return np.linalg.solve(gram + ridge * np.eye(len(gram)), right).astype(np.float32)
