"""What of a video's latents is given while the rest is sampled: the first frame, frames held, and what does not move.

Motion-I2V, sections 5.3 and 5.4 of its fact sheet; held frames are ours: by them a window joins the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch


class Noised(Protocol):
    """A walk along a noise schedule."""

    def noised(self, latents: torch.Tensor, noise: torch.Tensor, time: int) -> torch.Tensor:
        """Clean latents as they are at a time."""


@dataclass(frozen=True)
class Given:
    """Latents that are known beforehand.

    Attributes:
        walk: whose noise they get.
        first: (1, 4, h, w) of the first frame, which never has noise; None where it is made as the others are.
        noise: (1, 4, F, h, w), what sampling starts from.
        held: (4, h, w) of other frames, by index.
        static: (h, w), 1 where every frame is like the first; None where everything may move.
    """

    walk: Noised
    first: torch.Tensor | None
    noise: torch.Tensor
    held: Mapping[int, torch.Tensor]
    static: torch.Tensor | None

    def put(self, latents: torch.Tensor, time: int | None) -> torch.Tensor:
        """Latents (1, 4, F, h, w) with the frames that are given, those held with the noise of a time; None: without."""
        latents = latents.clone()
        for index, held in self.held.items():
            noisy = held if time is None else self.walk.noised(held, self.noise[:, :, index], time)
            latents[:, :, index] = noisy
        if self.first is not None:
            latents[:, :, 0] = self.first
        return latents

    def stilled(self, latents: torch.Tensor, time: int) -> torch.Tensor:
        """Latents of a time with the first frame, at that time, wherever nothing moves."""
        if self.static is None or self.first is None:
            return latents
        noise = self.put(self.noise, None)  # as released: the first frame stands in its own noise
        still = self.walk.noised(self.first[:, :, None], noise, time)
        return still * self.static + latents * (1 - self.static)
