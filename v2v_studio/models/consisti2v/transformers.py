"""The two transformers of a layer, over the pixels and over the frames (section 3.1 of the fact sheet)."""

from __future__ import annotations

import torch
from torch import nn

from v2v_studio.models.consisti2v.spatial import FirstFrameAttention
from v2v_studio.models.consisti2v.temporal import Positions, TemporalCrossAttention, WindowAttention
from v2v_studio.models.layers import Attention, CrossAttention, Linear, TextKeys, TransformerBlock


class Transformer(nn.Module):
    """Group norm of each frame, projection, block, projection.

    Args:
        channels: width of the level.
        groups: of the group norm.
        attn1: of tokens (B, F, H, W, C) to one another.
        attn2: to the text.
    """

    def __init__(self, channels: int, groups: int, attn1: Attention, attn2: CrossAttention) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.proj_in = Linear(channels, channels)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, attn1, attn2)])
        self.proj_out = Linear(channels, channels)

    def branch(self, hidden: torch.Tensor, frames: int, text: TextKeys) -> torch.Tensor:
        """hidden (B F, C, H, W) -> what the transformer adds to it."""
        tokens = self.proj_in(self.norm(hidden).permute(0, 2, 3, 1)).unflatten(0, (-1, frames))
        for block in self.transformer_blocks:
            tokens = block(tokens, text)
        return self.proj_out(tokens).flatten(0, 1).permute(0, 3, 1, 2)


class SpatialTransformer(Transformer):
    """Over the pixels of each frame, and of the first."""

    def __init__(self, channels: int, heads: int, text_channels: int, groups: int, first_frame: bool = True) -> None:
        attn1 = FirstFrameAttention(channels, heads, first_frame)
        super().__init__(channels, groups, attn1, CrossAttention(channels, heads, text_channels))

    def forward(self, hidden: torch.Tensor, frames: int, text: TextKeys) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        return hidden + self.branch(hidden, frames, text)


class TemporalTransformer(Transformer):
    """Over the frames at each pixel; added as far as `alpha` lets it.

    Attributes:
        alpha: the share that is left out, held within [0, 1]; the weight itself is never changed.
    """

    def __init__(
        self, channels: int, heads: int, text_channels: int, groups: int, positions: Positions, window: bool = True
    ) -> None:
        attn1 = WindowAttention(channels, heads, positions, window)
        super().__init__(channels, groups, attn1, TemporalCrossAttention(channels, heads, text_channels, positions))
        self.alpha = nn.Parameter(torch.ones(1))  # a new layer changes nothing

    def forward(self, hidden: torch.Tensor, frames: int, text: TextKeys) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        return torch.addcmul(hidden, 1 - self.alpha.clamp(0, 1), self.branch(hidden, frames, text))
