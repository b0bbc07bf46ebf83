"""RAFT (Teed and Deng 2020), torchvision's networks: optical flow between two pictures, from weights on this machine.

torch and torchvision are imported when the first flow is asked for.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from v2v_studio.errors import MissingError
from v2v_studio.models.load import filled
from v2v_studio.types import Array, Direction, FlowField
from v2v_studio.warping import pixels, planes, visible_mask

WEIGHTS = "raft_small"
Size = Literal["small", "large"]
SMALLEST = 128  # pixels: the coarsest correlation map is a 64th of the picture and must have two cells
CELL = 8  # the network sees the picture in cells of this many pixels


class Raft:
    """Each frame against the reference on its own, as `Dis`, by a network.

    Args:
        weights: a state dict of torchvision's `raft_small` or `raft_large`, .safetensors or .pth.
        size: which of the two.
        updates: iterations of it.
    """

    chained = False

    def __init__(self, weights: Path, size: Size = "small", updates: int = 12) -> None:
        self._weights, self._size, self._updates = weights, size, updates

    def between(self, source: Array, target: Array) -> Array:
        """Displacement from one picture into another: source(x) is target(x + displacement).

        Args:
            source, target: (3, H, W) RGB in [0, 1].

        Returns:
            (H, W, 2) float32 in pixels, on the source's grid. The same pictures give the same bytes: torch is made
            single-threaded in the whole process, for sums depend on how they are split.

        Raises:
            MissingError: torchvision is not installed, or the weights are another network's.
        """
        import torch

        network = self._network
        torch.set_num_threads(1)
        h, w = source.shape[1:]
        with torch.inference_mode():
            found = network(_batch(source), _batch(target), num_flow_updates=self._updates)[-1][0].numpy()
        return np.ascontiguousarray(found[:, :h, :w].transpose(1, 2, 0))

    def flow(self, frames: Array, direction: Direction) -> FlowField:
        """frames (T, 3, H, W) in [0, 1] -> FlowField, visible by the forward-backward check."""
        reference, *others = frames
        displacement = np.zeros((len(frames), 2, *reference.shape[1:]), np.float32)
        visible = np.ones((len(frames), 1, *reference.shape[1:]), np.float32)
        for t, frame in enumerate(others, 1):
            here, there = (reference, frame) if direction == "forward" else (frame, reference)
            asked = self.between(here, there)
            displacement[t] = planes(asked)
            visible[t, 0] = visible_mask(self.between(there, here), asked)
        return FlowField(displacement, direction, visible)

    @cached_property
    def _network(self) -> Any:
        return filled(
            lambda: untrained(self._size), self._weights, f"raft_{self._size}", "put torchvision's own file there"
        )


def untrained(size: Size = "small") -> Any:
    """torchvision's raft_small or raft_large as a torch module, its weights drawn at random."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

    try:
        from torchvision.models.optical_flow import raft_large, raft_small
    except ModuleNotFoundError as error:
        raise MissingError(
            "flow 'raft' needs the package torchvision, which is not installed; use flow 'dis'"
        ) from error
    return {"small": raft_small, "large": raft_large}[size](weights=None)


def _batch(frame: Array) -> Any:
    """(3, H, W) in [0, 1] -> (1, 3, H', W') tensor in [-1, 1], whole cells, edges repeated to the right and below."""
    import torch

    _, h, w = frame.shape
    below, right = (max(-(-side // CELL) * CELL, SMALLEST) - side for side in (h, w))
    padded = cv2.copyMakeBorder(pixels(frame), 0, below, 0, right, cv2.BORDER_REPLICATE)
    return torch.from_numpy(planes(padded * np.float32(2) - np.float32(1)))[None]
