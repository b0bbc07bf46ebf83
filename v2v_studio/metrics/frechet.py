"""The Fréchet distance of two sets of features, each taken for a normal distribution (Dowson and Landau 1982)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.types import Array


@dataclass(frozen=True)
class Moments:
    """Count, mean (D,) and scatter (D, D), the sum of outer products of the distances from it; float64."""

    count: int
    mean: np.ndarray
    scatter: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Without bias: scatter / (count - 1)."""
        return self.scatter / (self.count - 1)


def moments(features: Iterable[Array]) -> Moments:
    """Of features that come in pieces (N, D), N from 0; one piece is held at a time (Chan et al. 1982).

    Raises:
        UsageError: there are fewer than two.
    """
    total: Moments | None = None
    for piece in features:
        if len(piece) == 0:
            continue
        exact = piece.astype(np.float64)
        mean = exact.mean(0)
        new = Moments(len(exact), mean, (exact - mean).T @ (exact - mean))
        total = new if total is None else _joined(total, new)
    if total is None or total.count < 2:
        found = 0 if total is None else total.count
        raise UsageError(f"a distribution needs two features or more and there are {found}; give more or longer clips")
    return total


def frechet_distance(one: Moments, other: Moments) -> float:
    """|m - n|^2 + tr(V + W - 2 (V W)^(1/2)) (Heusel et al. 2017, Eq. 6).

    The trace of the root is taken of V^(1/2) W V^(1/2), which has the same eigenvalues as V W and is symmetric: no
    imaginary part to drop.
    """
    root = _root(one.covariance)
    values = np.linalg.eigvalsh(root @ other.covariance @ root)
    shared = np.sqrt(np.maximum(values, 0)).sum()
    apart = np.square(one.mean - other.mean).sum()
    return float(apart + np.trace(one.covariance) + np.trace(other.covariance) - 2 * shared)


def _joined(one: Moments, other: Moments) -> Moments:
    count = one.count + other.count
    apart = other.mean - one.mean
    scatter = one.scatter + other.scatter + np.outer(apart, apart) * (one.count * other.count / count)
    return Moments(count, one.mean + apart * (other.count / count), scatter)


def _root(matrix: np.ndarray) -> np.ndarray:
    """The square root of a symmetric matrix that has no negative eigenvalue, but for rounding."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
