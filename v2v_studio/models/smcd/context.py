"""What every layer is told besides its hidden states, and the two ways in which these are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Kept = dict[nn.Module, Any]  # of every attention to something that stays: its keys and values, worked out once


@dataclass(frozen=True)
class Context:
    """Of one forward pass.

    Attributes:
        embedding: (B, E) of the time, or (B F, E) of each frame's.
        kept: keys and values of the text by its attentions, those of boxes and image by their gates.
        frames: F.
        still: for pictures: nothing passes from frame to frame (the release's `use_image_dataset`).
    """

    embedding: torch.Tensor
    kept: Kept
    frames: int
    still: bool = False


def by_frame(hidden: torch.Tensor, frames: int) -> torch.Tensor:
    """(B F, C, H, W) -> (B, C, F, H W), a video as one picture of a row per frame; pixel by pixel in memory, as it was.

    So a norm takes all frames together, and what a convolution does along the frames is one along the rows.
    """
    return hidden.permute(0, 2, 3, 1).flatten(1, 2).unflatten(0, (-1, frames)).permute(0, 3, 1, 2)


def by_pixel(video: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """(B, C, F, H W) -> (B F, C, H, W) of a size (H, W)."""
    return video.permute(0, 2, 3, 1).flatten(0, 1).unflatten(1, tuple(size)).permute(0, 3, 1, 2)
