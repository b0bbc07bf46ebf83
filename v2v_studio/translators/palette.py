"""The colours of pictures: moved from one palette to another, and how far apart two palettes are.

Colours are points of CIE Lab, (N, 3): a distance of 1 (delta E) is about the least that is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from v2v_studio.types import Array

Plane = NDArray[Any]  # float32; numpy's annotations lose the width wherever a Python number takes part

SAMPLES = 4096  # colours that stand for a picture
LEVELS = np.linspace(0.01, 0.99, 33)  # of the quantiles that stand for colours along an axis; a stray one has no say
SPREAD = 2.0  # delta E between the quantiles of a single colour, so that it moves to the middle of its goal
STEEPEST = 3.0  # a slice stretches no difference more, or grain would be seen
GAIN = 2.5
DIRECTIONS = 48  # that palettes are compared along


def to_lab(picture: Array) -> Plane:
    """(3, H, W) RGB in [0, 1] -> (H, W, 3) Lab."""
    return cv2.cvtColor(np.ascontiguousarray(picture.transpose(1, 2, 0), np.float32), cv2.COLOR_RGB2LAB)


def from_lab(lab: Plane) -> Array:
    """(H, W, 3) Lab -> (3, H, W) RGB in [0, 1]; what sRGB cannot show is clipped."""
    rgb = cv2.cvtColor(np.ascontiguousarray(lab, np.float32), cv2.COLOR_LAB2RGB)
    return np.ascontiguousarray(np.clip(rgb, 0, 1).transpose(2, 0, 1))


def sample(lab: Plane) -> Plane:
    """At most SAMPLES colours of a (H, W, ...) picture, evenly spread over it: (N, ...)."""
    h, w = lab.shape[:2]
    rows = min(h, max(1, round(np.sqrt(SAMPLES * h / w))))
    columns = min(w, max(1, SAMPLES // rows))
    y = ((np.arange(rows) + 0.5) * h / rows).astype(int)
    x = ((np.arange(columns) + 0.5) * w / columns).astype(int)
    return lab[np.ix_(y, x)].reshape(rows * columns, *lab.shape[2:])


def quantiles(values: Plane, weights: Plane | None = None) -> Plane:
    """(N,) values, of these weights -> (33,), their quantiles at LEVELS."""
    if weights is not None:
        values, weights = values[weights > 0], weights[weights > 0]
    order = np.argsort(values, kind="stable")
    mass = np.ones(len(values)) if weights is None else weights[order].astype(np.float64)
    place = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.interp(LEVELS, place, values[order])


def rising(own: Plane, goal: Plane, flattest: float, steepest: float) -> Plane:
    """Values (33,) for quantiles `own` that follow `goal`, as near as these bounds on the slope between them allow."""
    steps = np.maximum(np.diff(own), 1e-3)
    slopes = np.clip(np.diff(goal) / steps, flattest, steepest)
    curve = np.concatenate([[0], np.cumsum(slopes * steps)])
    return curve + (goal - curve).mean()


@dataclass(frozen=True)
class Transport:
    """A map of colours that carries one palette into another.

    Attributes:
        steps: of (axes (3, 3), before (3, 33), shift (3, 33)): along each axis, a colour moves by the shift that belongs
            to its quantile.
    """

    steps: tuple[tuple[Plane, Plane, Plane], ...]

    def __call__(self, colours: Plane) -> Plane:
        """(N, 3) -> (N, 3)."""
        for axes, before, shift in self.steps:
            along = colours @ axes.T
            moved = [np.interp(along[:, i], before[i], shift[i]) for i in range(3)]
            colours = colours + np.stack(moved, axis=1).astype(np.float32) @ axes
        return colours


def sliced_transport(
    colours: Plane, weights: Plane, goal: Plane, goal_weights: Plane, seed: int, steps: int = 6
) -> Transport:
    """The map that gives weighted colours the palette of others: optimal along one axis after another.

    Each step turns the space at random and matches quantiles along its three axes (Pitié, Kokaram and Dahyot 2007;
    the optimal transport of each slice, as in Rabin et al. 2011).

    Args:
        colours (N, 3), weights (N,): what is moved. goal (M, 3), goal_weights (M,): where to.
        seed: of the turns.
        steps: each brings the palettes nearer.
    """
    rng, done = np.random.default_rng(seed), []
    for step in range(steps):
        axes = np.eye(3) if step == 0 else np.linalg.qr(rng.standard_normal((3, 3)))[0]
        axes = axes.astype(np.float32)
        own, other = colours @ axes.T, goal @ axes.T
        before = np.stack([quantiles(own[:, i], weights) + SPREAD * (LEVELS - 0.5) for i in range(3)])
        after = np.stack([quantiles(other[:, i], goal_weights) for i in range(3)])
        bounded = np.stack([rising(before[i], after[i], 0.0, STEEPEST) for i in range(3)])
        done.append((axes, before, bounded - before))
        colours = Transport((done[-1],))(colours)
    return Transport(tuple(done))


def palette_distance(one: Array, other: Array) -> float:
    """How far the palettes of two pictures are apart, in delta E: the sliced Wasserstein distance in Lab.

    Root mean square over 48 directions of the distance between sorted colours (Bonneel et al. 2015, Eq. 2), times the
    root of 3, so that two plain pictures are as far apart as their colours. Pictures (3, H, W) may differ in size.

    Example:
        >>> black, white = np.zeros((3, 4, 4), np.float32), np.ones((3, 6, 9), np.float32)
        >>> round(palette_distance(black, white))
        100
    """
    first, second = sample(to_lab(one)), sample(to_lab(other))
    total = 0.0
    for axis in _directions():
        total += float(((quantiles(first @ axis) - quantiles(second @ axis)) ** 2).mean())
    return float(np.sqrt(3 * total / DIRECTIONS))


def _directions() -> Plane:
    """(48, 3) unit vectors, the axes of 16 turned spaces: their squares add up alike in every direction."""
    rng = np.random.default_rng(0)
    return np.concatenate([np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(DIRECTIONS // 3)])


def matched(picture: Array, model: Array, tone: float, colour: float) -> Array:
    """The picture with its colours' mean and covariance drawn towards the model's: (3, H, W).

    The linear optimal transport between two Gaussians, T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 (Pitié and Kokaram 2007),
    in Lab, stretched and flattened by no more than GAIN in any direction.

    Args:
        picture, model: (3, H, W); sizes may differ.
        tone, colour: share of the way that lightness goes, and a and b; in [0, 1].
    """
    lab = to_lab(picture)
    own, other = sample(lab), sample(to_lab(model))
    root = _function(np.sqrt, np.cov(own.T) + np.eye(3))  # a little variance for a plain picture
    inverse = np.linalg.inv(root)
    middle = _function(np.sqrt, root @ (np.cov(other.T) + np.eye(3)) @ root)
    linear = _function(lambda gains: np.clip(gains, 1 / GAIN, GAIN), inverse @ middle @ inverse)
    moved = (lab - own.mean(0)) @ linear.T.astype(np.float32) + other.mean(0)
    return from_lab(lab + np.array([tone, colour, colour], np.float32) * (moved - lab))


def _function(function: Callable[[Plane], Plane], matrix: Plane) -> Plane:
    """A function of a symmetric matrix (3, 3) with positive eigenvalues, by these."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * function(np.maximum(values, 0))) @ vectors.T
