"""What a renderer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from pydantic import BaseModel

from v2v_studio.registry import Registry
from v2v_studio.types import Anchor, Array, Direction, Motion, OnStep, Window, unwatched

Carry = Mapping[str, Array]


@dataclass(frozen=True)
class Rendered:
    """frames (T, 3, H, W) of a window, and `carry`: what the next window needs of this one (named arrays, any dtype)."""

    frames: Array
    carry: Carry


class OpenRender(Protocol):
    """One shot being rendered, window by window in order.

    Attributes:
        window: frames it renders at once, at most.
        stride: frames from one that it renders to the next, at most; those between are filled along a FlowField.
    """

    window: int
    stride: int

    def render(self, window: Window, motion: Any, carry: Carry) -> Rendered:
        """Render the window's frames along a motion of a type that the renderer accepts. `carry` is the one the window
        before returned, empty for the first.

        All state is in `carry`: a shot continued from a saved one gives the same bytes as in one go.
        """
        ...


class Renderer(Protocol):
    """A maker of frames.

    Attributes:
        accepts: the types of motion it renders.
        directions: of a FlowField, those it takes as they come; one in another is turned for it.
        Params: its options, read by CLI flags and UI forms.

    The contract, tested for every registered name: frames out == frames in, same size, finite, in [0, 1]; the same
    request gives the same bytes; continuing from a saved carry equals one go.
    """

    accepts: tuple[type[Motion], ...]
    directions: tuple[Direction, ...]
    Params: type[BaseModel]

    def open(self, anchor: Anchor, params: BaseModel, seed: int, on_step: OnStep = unwatched) -> OpenRender: ...


def window_seed(seed: int, start: int) -> int:
    """A window's own seed: no noise pattern comes again in the next one."""
    return int(np.random.SeedSequence([seed % 2**63, start]).generate_state(1, np.uint64)[0])


RENDERERS = Registry(
    "renderer",
    {
        "consisti2v": "v2v_studio.renderers.consisti2v:ConsistI2V",
        "cutout": "v2v_studio.renderers.cutout:Cutout",
        "embedded": "v2v_studio.renderers.embedded:Embedded",
        "motion-i2v": "v2v_studio.renderers.motion_i2v:MotionI2V",
        "smcd": "v2v_studio.renderers.smcd:SMCD",
    },
)
