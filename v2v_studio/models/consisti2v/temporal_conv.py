"""Convolution over the frames at each pixel (VideoLDM, Blattmann et al. 2023; section 3.4 of the fact sheet)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

GROUPS = 32  # whatever the groups of the other norms
UNUSED = 512  # channels of a time embedding that never comes


class TimeConvolution(nn.Conv3d):
    """Three frames to one, before and after the video nothing.

    With the pixels of a frame in one row it is a flat convolution, for which nothing has to be moved in memory.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, (3, 1, 1), padding=(1, 0, 0))

    def over(self, hidden: torch.Tensor, frames: int) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        rows = hidden.permute(0, 2, 3, 1).reshape(-1, frames, hidden.shape[2:].numel(), hidden.shape[1])
        made = F.conv2d(rows.permute(0, 3, 1, 2), self.weight[..., 0], self.bias, padding=(1, 0))
        return made.permute(0, 2, 3, 1).reshape(len(hidden), *hidden.shape[2:], -1).permute(0, 3, 1, 2)


class TemporalConv(nn.Module):
    """Norm, SiLU, convolution, twice; added as far as `alpha` lets it. Norms are of each frame by itself.

    Attributes:
        alpha: the share that is left out, held within [0, 1]; the weight itself is never changed.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))  # a new layer changes nothing
        self.norm1 = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.conv1 = TimeConvolution(channels)
        self.time_emb_proj = nn.Linear(UNUSED, channels)  # of the released layout; nothing uses it
        self.norm2 = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.conv2 = TimeConvolution(channels)

    def forward(self, hidden: torch.Tensor, frames: int) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        branch = self.conv1.over(F.silu(self.norm1(hidden)), frames)
        branch = self.conv2.over(F.silu(self.norm2(branch)), frames)
        return torch.addcmul(hidden, 1 - self.alpha.clamp(0, 1), branch)
