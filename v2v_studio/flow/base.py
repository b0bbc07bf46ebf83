"""What a flow estimator is."""

from __future__ import annotations

from typing import Protocol

from v2v_studio.flow.raft import WEIGHTS
from v2v_studio.models import weights
from v2v_studio.registry import Registry
from v2v_studio.types import Array, Direction, FlowField


class FlowEstimator(Protocol):
    """Dense motion between frames[0], the reference, and every frame.

    The contract, tested for every registered name: index 0 is exactly zero and wholly visible; displacement is in pixels
    of the frames' own size; `direction` is what was asked for and is estimated, never negated; the same frames give the
    same bytes.

    Attributes:
        chained: whether it goes from frame to frame, so that frames left out between two make it lose its way.
    """

    chained: bool

    def flow(self, frames: Array, direction: Direction) -> FlowField:
        """frames (T, 3, H, W) in [0, 1] -> FlowField of T entries."""
        ...


FLOW = Registry(
    "flow",
    {
        "dis": "v2v_studio.flow.dis:Dis",
        "longrange": "v2v_studio.flow.longrange:LongRange",
        "raft": "v2v_studio.flow.raft:Raft",
    },
)


def estimator(name: str) -> FlowEstimator:
    """An estimator, ready. UsageError for an unknown one, MissingError where its weights are not on this machine."""
    kind = FLOW.load(name)
    return kind(weights.locate(WEIGHTS)) if name == "raft" else kind()
