"""Values that cross from one stage to the next, with their conventions stated once and checked on entry.

Arrays are numpy, float32. Networks wrap them with `torch.from_numpy`, which copies nothing; so a command that uses no
network never pays for importing torch.

frames        (T, 3, H, W), RGB, in [0, 1]
displacement  (T, 2, H, W), in pixels of an H x W image; channel 0 is x to the right, channel 1 is y downwards
boxes         (T, N, 4), x0, y0, x1, y1 in pixels of an H x W image, x1 and y1 beyond the last pixel
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Direction = Literal["forward", "backward"]
OnStep = Callable[[], None]  # called now and then while something slow is made; what it raises ends the work


def unwatched() -> None:
    """An `OnStep` that ends nothing."""


class Motion(Protocol):
    """How T frames move: a FlowField, a BoxSequence or a FreeMotion."""

    def __len__(self) -> int: ...

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the frames."""
        ...

    def entry(self, index: int) -> Self:
        """The motion of one of the frames."""
        ...


@dataclass(frozen=True)
class FlowField:
    """Dense motion between one reference frame and T frames.

    Attributes:
        displacement: (T, 2, H, W) in pixels. `backward`: on frame t's grid, pointing to the reference (sample with it).
            `forward`: on the reference grid, pointing to frame t (splat with it). Never negate one to get the other.
        direction: which of the two.
        visible: (T, 1, H, W) in [0, 1], how surely the reference can supply that pixel.
        step: (T, 2, H, W) or None. On frame t's grid, pointing to the frame rendered before it; known to estimators
            that follow the footage frame by frame.

    Raises:
        ValueError: shapes disagree, or a value is not float32.
    """

    displacement: Array
    direction: Direction
    visible: Array
    step: Array | None = None

    def __post_init__(self) -> None:
        t, two, h, w = self.displacement.shape
        if two != 2:
            raise ValueError(f"displacement is {self.displacement.shape}; it must be (T, 2, H, W)")
        if self.visible.shape != (t, 1, h, w):
            raise ValueError(f"visible is {self.visible.shape} but displacement asks for {(t, 1, h, w)}")
        if self.step is not None and self.step.shape != self.displacement.shape:
            raise ValueError(f"step is {self.step.shape} but displacement is {self.displacement.shape}")
        for name in ("displacement", "visible", "step"):
            value = getattr(self, name)
            if value is not None and value.dtype != np.float32:
                raise ValueError(f"{name} is {value.dtype}; it must be float32")

    def __len__(self) -> int:
        return len(self.displacement)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the grid."""
        return self.displacement.shape[2], self.displacement.shape[3]

    def entry(self, index: int) -> Self:
        """The motion of one of the frames."""
        one = slice(index, index + 1)
        step = self.step[one] if self.step is not None else None
        return replace(self, displacement=self.displacement[one], visible=self.visible[one], step=step)


@dataclass(frozen=True)
class FreeMotion:
    """Motion that is left to the model: nothing is known of it but for how many frames of which size it is.

    Attributes:
        length: T.
        size: (H, W) of the frames.
    """

    length: int
    size: tuple[int, int]

    def __len__(self) -> int:
        return self.length

    def entry(self, index: int) -> Self:
        """The motion of one of the frames."""
        return replace(self, length=1)


@dataclass(frozen=True)
class BoxSequence:
    """Where objects are, one box an object and frame.

    Attributes:
        boxes: (T, N, 4) float32: x0, y0, x1, y1 in pixels of an H x W frame; they may reach beyond it.
        present: (T, N) bool, whether the object is there; the box of one that is not says nothing.
        phrases: what each of the N objects is, in words.
        size: (H, W) of the frames.

    Raises:
        ValueError: shapes or types disagree, or the box of an object that is there is not finite or has no inside.
    """

    boxes: Array
    present: NDArray[np.bool_]
    phrases: tuple[str, ...]
    size: tuple[int, int]

    def __post_init__(self) -> None:
        if self.boxes.ndim != 3 or self.boxes.shape[2] != 4 or self.boxes.dtype != np.float32:
            raise ValueError(f"boxes is {self.boxes.dtype} {self.boxes.shape}; it must be float32 (T, N, 4)")
        if self.present.shape != self.boxes.shape[:2] or self.present.dtype != np.bool_:
            raise ValueError(
                f"present is {self.present.dtype} {self.present.shape}; it must be bool {self.boxes.shape[:2]}"
            )
        if len(self.phrases) != self.boxes.shape[1]:
            raise ValueError(f"there are {len(self.phrases)} phrases for {self.boxes.shape[1]} objects")
        there = self.boxes[self.present]
        if not np.isfinite(there).all() or (there[:, 2:] <= there[:, :2]).any():
            raise ValueError("the box of an object that is there must be finite, with x0 < x1 and y0 < y1")

    def __len__(self) -> int:
        return len(self.boxes)

    def entry(self, index: int) -> Self:
        """The boxes of one of the frames."""
        return self.part(index, index + 1)

    def part(self, start: int, stop: int) -> Self:
        """The boxes of frames [start, stop)."""
        return replace(self, boxes=self.boxes[start:stop], present=self.present[start:stop])


@dataclass(frozen=True)
class Trajectory:
    """A path that something of the first frame is dragged along.

    Attributes:
        points: (x, y) in pixels of the picture it is drawn on, in order, one or more. The first is where the drag takes
            hold; the others may lie outside the picture.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if np.shape(self.points)[1:] != (2,) or not np.isfinite(self.points).all():
            raise ValueError(f"a trajectory needs one or more points x, y of finite numbers, not {self.points}")


@dataclass(frozen=True)
class MotionBrush:
    """What of the first frame may move.

    Attributes:
        painted: (H, W) float32 in [0, 1]; over 0.5 may move, the rest is held still.
    """

    painted: Array

    def __post_init__(self) -> None:
        if self.painted.ndim != 2 or self.painted.dtype != np.float32:
            raise ValueError(f"painted is {self.painted.dtype} {self.painted.shape}; it must be float32 (H, W)")


@dataclass(frozen=True)
class Drawn:
    """How a first frame is to move, drawn by hand: in pixels of that frame.

    Attributes:
        boxes: on the first frame itself, which is index 0, and on every frame after it in the order they are rendered.
    """

    drags: tuple[Trajectory, ...] = ()
    brush: MotionBrush | None = None
    boxes: BoxSequence | None = None


@dataclass(frozen=True)
class Anchor:
    """A styled frame and the source frame it was painted on: what a shot's look is carried from.

    Attributes:
        source: (3, H, W) the footage.
        styled: (3, H, W) the first frame.
        drawn: how it is to move, for motion that is drawn.
    """

    source: Array
    styled: Array
    drawn: Drawn = Drawn()

    def __post_init__(self) -> None:
        if self.source.shape != self.styled.shape:
            raise ValueError(f"the styled frame is {self.styled.shape} but the footage is {self.source.shape}")


@dataclass(frozen=True)
class Window:
    """Source frames that are rendered in one go.

    Attributes:
        start: index of frames[0], counted from the anchor (which is 0).
        frames: (T, 3, H, W).
        previous: (3, H, W), the source frame before frames[0]; the anchor's source where start is 1.
    """

    start: int
    frames: Array
    previous: Array

    @property
    def stop(self) -> int:
        return self.start + len(self.frames)
