"""Motion given in one direction, for what needs the other: turned by carrying each vector to where it points."""

from __future__ import annotations

import numpy as np

from v2v_studio.flow.longrange import PARTS, quantised
from v2v_studio.types import Array, Direction, FlowField
from v2v_studio.warping import compose, inverse, pixels, planes

SPEED = 4  # power of its length by which a vector outweighs others that land on the same pixel


def forwards(motion: FlowField) -> FlowField:
    """The same motion on the reference's grid: what is surely visible decides where each of its pixels went."""
    if motion.direction == "forward":
        return motion
    return _turned(motion, "forward", [visible[0] for visible in motion.visible])


def backwards(motion: FlowField, before: FlowField | None = None) -> FlowField:
    """The same motion on each frame's grid, with `step`. Of two pixels that meet, the one that came farther is in front.

    Args:
        before: the motion of the frame before, in the same direction; None where that is the reference.
    """
    if motion.direction == "backward":
        return motion
    lengths = (np.hypot(*displacement) for displacement in motion.displacement)
    turned = _turned(motion, "backward", [np.float32(1) + length**SPEED for length in lengths])
    earlier = [np.zeros_like(motion.displacement[0]) if before is None else before.displacement[-1]]
    earlier += list(motion.displacement[:-1])
    steps = [planes(compose(pixels(way), pixels(last))) for way, last in zip(turned.displacement, earlier, strict=True)]
    return FlowField(turned.displacement, "backward", turned.visible, quantised(np.stack(steps), PARTS))


def _turned(motion: FlowField, direction: Direction, weights: list[Array]) -> FlowField:
    ways, landed = zip(
        *(inverse(pixels(d), weight) for d, weight in zip(motion.displacement, weights, strict=True)), strict=True
    )
    return FlowField(quantised(np.stack([planes(way) for way in ways]), PARTS), direction, np.stack(landed)[:, None])
