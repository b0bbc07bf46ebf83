"""A frame under measurement beside the one it is held against, and what several metrics need of them, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from v2v_studio.flow.base import FlowEstimator
from v2v_studio.flow.longrange import Tracker
from v2v_studio.types import Array, FlowField


@dataclass(frozen=True)
class Clip:
    """What is known of a generated clip beside its frames.

    Attributes:
        frames: how many.
        size: (width, height) in pixels.
        rate: frames per second.
        prompt: the text it was made from, "" where there is none.
        boxes: (T, 4), where an object was asked to be in each frame: x0, y0, x1, y1 as shares of width and height; None
            where none was asked.
        paths: where points of the first frame were asked to be: (T, 2) each, x and y in pixels of it.
    """

    frames: int
    size: tuple[int, int]
    rate: Fraction = Fraction(24)
    prompt: str = ""
    boxes: Array | None = None
    paths: tuple[Array, ...] = ()


class Pair:
    """One frame of a generated clip, the same frame of its reference, and the pairs that came before.

    Args:
        frame: (3, H, W) RGB in [0, 1], generated.
        reference: (3, H, W), what it should have been; None where there is none.
        before: the pair of the frame before; None for the first.
        flow: estimates the motion that temporal metrics stand on.
    """

    def __init__(self, frame: Array, reference: Array | None, before: Pair | None, flow: FlowEstimator) -> None:
        self.frame, self.reference, self.before = frame, reference, before
        self.first: Pair = before.first if before else self
        self._flow = flow
        self._made: dict[str, Any] = {}
        if before and before is not self.first:
            before.before = None  # a clip may be long: only the first pair and the last two are held

    def shared(self, name: str, make: Callable[[], Any]) -> Any:
        """What several metrics need of this pair: made when it is first asked for, and kept."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @property
    def held_against(self) -> Array:
        """The reference, which has to be there."""
        assert self.reference is not None
        return self.reference

    @cached_property
    def step(self) -> FlowField:
        """The reference's motion from the frame before: one entry on this frame's grid, visible by the estimator's rule."""
        assert self.before is not None
        return self._between(self.before.held_against, self.held_against)

    @cached_property
    def reach(self) -> FlowField:
        """The reference's motion from its first frame, likewise."""
        return self._between(self.first.held_against, self.held_against)

    @cached_property
    def own_reach(self) -> FlowField:
        """The generated clip's motion from its first frame, likewise."""
        return self._between(self.first.frame, self.frame)

    @cached_property
    def followed(self) -> FlowField | None:
        """The generated clip's motion from its first frame, followed frame by frame by the long-range tracker. None for
        the first. To be asked of every pair in order, for each stands on the one before."""
        if self.before is None:
            return None
        return self.first._tracker.step(self.before.frame, self.frame, self.before.followed)

    @cached_property
    def _tracker(self) -> Tracker:
        return Tracker(self.frame)

    def _between(self, earlier: Array, later: Array) -> FlowField:
        found = self._flow.flow(np.stack([earlier, later]), "backward")
        return FlowField(found.displacement[1:], "backward", found.visible[1:])
