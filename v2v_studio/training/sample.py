"""What training is fed: clips with what is known of them, one after the other without an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from v2v_studio.types import Array, BoxSequence

State = Mapping[str, Any]  # of a stream, as JSON has it


@dataclass(frozen=True)
class Sample:
    """One clip.

    Attributes:
        name: of the clip, for messages.
        frames: (T, 3, H, W) float32, RGB, in [0, 1].
        rate: frames a second of the footage it was taken from.
        indices: (T,) int64, the frame of the footage that each frame is, counted from the first: it begins with 0 and
            rises. 0, 1, 2, ... where none were left out.
        caption: what is to be seen; "" where nobody said.
        flow: (T - 1, 2, H, W) float32 or None: forward motion, on frame 0's grid, in pixels, from frame 0 to each later
            frame; channel 0 to the right, channel 1 down.
        visible: (T - 1, H, W) bool or None: whether that pixel of frame 0 is still to be seen in the later frame.
        boxes: of objects in the T frames, in pixels; None where nobody marked any.

    Raises:
        ValueError: shapes or types disagree.
    """

    name: str
    frames: Array
    rate: Fraction
    indices: NDArray[np.int64]
    caption: str = ""
    flow: Array | None = None
    visible: NDArray[np.bool_] | None = None
    boxes: BoxSequence | None = None

    def __post_init__(self) -> None:
        if self.frames.ndim != 4 or self.frames.shape[1] != 3 or self.frames.dtype != np.float32:
            raise ValueError(f"frames is {self.frames.dtype} {self.frames.shape}; it must be float32 (T, 3, H, W)")
        t, _, h, w = self.frames.shape
        if self.indices.shape != (t,) or self.indices[0] != 0 or (np.diff(self.indices) <= 0).any():
            raise ValueError(f"indices is {self.indices}; it must be {t} numbers that begin with 0 and rise")
        if self.flow is not None and (self.flow.shape != (t - 1, 2, h, w) or self.flow.dtype != np.float32):
            raise ValueError(f"flow is {self.flow.dtype} {self.flow.shape}; it must be float32 {(t - 1, 2, h, w)}")
        if self.visible is not None and (self.visible.shape != (t - 1, h, w) or self.visible.dtype != np.bool_):
            raise ValueError(f"visible is {self.visible.dtype} {self.visible.shape}; it must be bool {(t - 1, h, w)}")
        if self.boxes is not None and (len(self.boxes), self.boxes.size) != (t, (h, w)):
            raise ValueError(
                f"boxes are of {len(self.boxes)} frames of {self.boxes.size}; they must be of {t} of {h, w}"
            )

    def __len__(self) -> int:
        return len(self.frames)


class Stream(Protocol):
    """Samples one after the other; after the last the first comes again, in another order."""

    def __iter__(self) -> Iterator[Sample]:
        """From where the stream stands. It never ends."""
        ...

    def state(self) -> State:
        """Where it stands after the sample that was given last."""
        ...

    def resume(self, state: State) -> None:
        """Stand where another stream over the same samples stood: what comes next is the same."""
        ...


Open = Callable[[int, int], Stream]  # (process, of how many) -> the samples that this process sees, and no other does


class Cycle:
    """A stream of samples that are in memory, shuffled anew each time round.

    Args:
        samples: all of them.
        seed: of the order.
        process, processes: which share of the samples: every `processes`-th.
    """

    def __init__(self, samples: Sequence[Sample], seed: int = 0, process: int = 0, processes: int = 1) -> None:
        self._samples = samples[process::processes]
        self._seed = seed
        self._round, self._place = 0, 0

    def __iter__(self) -> Iterator[Sample]:
        while True:
            order = np.random.default_rng([self._seed, self._round]).permutation(len(self._samples))
            while self._place < len(order):
                self._place += 1
                yield self._samples[order[self._place - 1]]
            self._round, self._place = self._round + 1, 0

    def state(self) -> State:
        return {"round": self._round, "place": self._place}

    def resume(self, state: State) -> None:
        self._round, self._place = state["round"], state["place"]
