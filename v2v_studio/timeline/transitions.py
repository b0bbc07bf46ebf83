"""Transitions: taken apart before rendering, so that motion is followed in clean frames, and remade from looks after.

The curve of a transition was measured in the source, on gamma-coded values, which is also where editing programs mix:
a dissolve shows (1 - a) * outgoing + a * incoming, a fade shows g * picture + (1 - g) * (0 for black, 1 for white).
"""

from __future__ import annotations

import numpy as np

from v2v_studio.shots.base import Transition
from v2v_studio.types import Array

FAINTEST = 0.25  # below this share of a picture, taking it out of a mix shows more noise than picture


def remake_dissolve(outgoing: Array, incoming: Array, mix: float) -> Array:
    """(3, H, W) looks -> (1 - mix) * outgoing + mix * incoming."""
    return ((1 - mix) * outgoing + mix * incoming).astype(np.float32)


def remake_fade(look: Array, gain: float, ground: float) -> Array:
    """A look at `gain` over black (ground 0) or white (ground 1)."""
    return (gain * look + (1 - gain) * ground).astype(np.float32)


def unmix(frame: Array, share: float, other: Array) -> Array | None:
    """The picture that is `share` of a dissolve frame, `other` being the rest; None where it is too faint."""
    if share < FAINTEST:
        return None
    return np.clip((frame - (1 - share) * other) / share, 0, 1).astype(np.float32)


def unfade(frame: Array, gain: float, ground: float) -> Array | None:
    """The picture behind a fade frame; None where it is too faint."""
    if gain < FAINTEST:
        return None
    return np.clip((frame - (1 - gain) * ground) / gain, 0, 1).astype(np.float32)


def curve_at(transition: Transition, frame: int) -> float:
    """The mixing share (dissolve) or gain (fade) measured at a footage frame."""
    return float(transition.curve[frame - transition.start])
