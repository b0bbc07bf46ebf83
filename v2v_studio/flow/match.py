"""Where each pixel of one frame is found in another, given a guess: several hypotheses, the cheapest one wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from v2v_studio.flow.background import affine_background
from v2v_studio.flow.dis import Quality, dis_flow
from v2v_studio.flow.features import Features
from v2v_studio.flow.occlusion import occluded
from v2v_studio.types import Array
from v2v_studio.warping import backward_warp, compose, grid, sample, within

WORST = 120.0  # what a pixel costs at most, and where it leaves the target
ACCEPTED = 12.0  # cost of a match that the background may be read from


@dataclass(frozen=True)
class Match:
    """Where pixels are found.

    Attributes:
        displacement: (H, W, 2), source -> target.
        difference: (H, W), see `matching_cost`.
    """

    displacement: Array
    difference: Array

    @cached_property
    def cost(self) -> Array:
        """(H, W), 0 to `WORST`: the difference around each pixel."""
        return smooth(self.difference, 3)

    @cached_property
    def hidden(self) -> np.ndarray:
        """(H, W) bool, see `occluded`."""
        return occluded(self.displacement, self.cost)

    def patched(self, other: Match, where: np.ndarray) -> Match:
        """This match, and the other one where (H, W) bool."""
        displacement = np.where(where[..., None], other.displacement, self.displacement)
        return Match(displacement, np.where(where, other.difference, self.difference))


def match(source: Features, target: Features, guess: Array, known: Array, quality: Quality) -> Match:
    """Find the source's pixels in the target.

    The hypotheses are the guess; flow straight to the target from it, which removes drift; the better of the two
    corrected by flow on chroma; and the background's affine motion.

    Args:
        guess: (H, W, 2), usually motion chained over frames.
        known: (H, W) in [0, 1], how sure the guess is.
        quality: of the flow to the target.
    """
    best = Contest(source, target, guess)
    best.add(dis_flow(source.luma, target.luma, quality, guess), 0.5)
    warped = backward_warp(target.chroma, best.displacement)
    correction = dis_flow(source.chroma, warped, "fast", np.zeros_like(guess))
    best.add(compose(correction, best.displacement), 0.25)
    background = affine_background(best.displacement, best.cheaper_than(ACCEPTED) & (known > 0.7))
    if background is not None:
        best.add(background, 0)
    return matched(source, target, median(best.displacement))


def matched(source: Features, target: Features, displacement: Array) -> Match:
    return Match(displacement, matching_cost(source, target, displacement))


def matching_cost(source: Features, target: Features, displacement: Array, every: int = 1) -> Array:
    """Summed absolute difference of the six features, at most `WORST`; before any smoothing.

    Returns:
        (H, W), or every n-th pixel of every n-th line of it.
    """
    h, w = displacement.shape[:2]
    positions = grid(h, w)[::every, ::every] + displacement[::every, ::every]
    colour = cv2.absdiff(source.colour[::every, ::every], sample(target.colour, positions))
    shape = cv2.absdiff(source.shape[::every, ::every], sample(target.shape, positions))
    ones = np.ones((1, 3), np.float32)
    total = cv2.add(cv2.transform(colour, ones), cv2.transform(shape, ones))  # 8 bits saturate far above the cap
    cost = np.minimum(total, np.uint8(WORST)).astype(np.float32)
    cost[~within(positions, h, w, 1)] = WORST
    return cost


def smooth(cost: Array, size: int) -> Array:
    """Two box filters: of 5 pixels, close to a Gaussian of 2 px; of 3, of 1.2 px."""
    once = cv2.blur(cost, (size, size))
    return np.asarray(cv2.blur(once, (size, size)), np.float32)


class Contest:
    """Hypotheses compared by the cost around every second pixel of every second line, which decides for four pixels.

    Attributes:
        displacement: (H, W, 2), the best so far.
    """

    def __init__(self, source: Features, target: Features, first: Array) -> None:
        self._source, self._target = source, target
        self.displacement, self._cost = first.copy(), self._cost_of(first)

    def add(self, hypothesis: Array, penalty: float) -> None:
        cost = self._cost_of(hypothesis) + np.float32(penalty)
        cv2.copyTo(hypothesis, self._full(cost < self._cost), self.displacement)
        self._cost = np.minimum(cost, self._cost)

    def cheaper_than(self, cost: float) -> np.ndarray:
        """(H, W) bool."""
        return self._full(self._cost < cost) > 0

    def _cost_of(self, displacement: Array) -> Array:
        return smooth(matching_cost(self._source, self._target, displacement, every=2), 3)

    def _full(self, mask: np.ndarray) -> np.ndarray:
        h, w = self.displacement.shape[:2]
        return np.repeat(np.repeat(mask.view(np.uint8), 2, 0), 2, 1)[:h, :w]


def median(displacement: Array) -> Array:
    """5x5 median of each component: single pixels that jumped come back, silhouettes stay."""
    return np.dstack([cv2.medianBlur(component, 5) for component in cv2.split(displacement)])
