"""The motion module (AnimateDiff v2's weights and layout): a transformer over the frames at each pixel (section 3.2)."""

from __future__ import annotations

import torch
from torch import nn

from v2v_studio.models.layers import FeedForward, Linear
from v2v_studio.models.motion_i2v.attention import MotionAttention
from v2v_studio.models.motion_i2v.splat import Splat

GROUPS = 32  # whatever the groups of the other norms


class MotionBlock(nn.Module):
    """Temporal attentions, then a feed-forward; each on its normed input, each added to it."""

    def __init__(self, channels: int, heads: int, attentions: int, positions: int) -> None:
        super().__init__()
        self.attention_blocks = nn.ModuleList(MotionAttention(channels, heads, positions) for _ in range(attentions))
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(attentions))
        self.ff = FeedForward(channels)
        self.ff_norm = nn.LayerNorm(channels)

    def forward(self, hidden: torch.Tensor, splat: Splat | None) -> torch.Tensor:
        """hidden (B, F, P, C) -> the same shape. Each attention moves the features the one before has updated."""
        for attention, norm in zip(self.attention_blocks, self.norms, strict=True):
            hidden = hidden + attention(norm(hidden), splat)
        return hidden + self.ff(self.ff_norm(hidden))


class TemporalTransformer(nn.Module):
    """Group norm of each frame, projection, block, projection, and what came in."""

    def __init__(self, channels: int, heads: int, attentions: int, positions: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.proj_in = Linear(channels, channels)
        self.transformer_blocks = nn.ModuleList([MotionBlock(channels, heads, attentions, positions)])
        self.proj_out = Linear(channels, channels)
        nn.init.zeros_(self.proj_out.weight)  # a new module changes nothing
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, hidden: torch.Tensor, frames: int, splat: Splat | None) -> torch.Tensor:
        if torch.is_grad_enabled() and not hidden.requires_grad:
            hidden = hidden.detach().requires_grad_()  # torch's group norm cannot give its weights a gradient otherwise
        tokens = self.norm(hidden).permute(0, 2, 3, 1).flatten(1, 2).unflatten(0, (-1, frames))
        tokens = self.proj_in(tokens)
        for block in self.transformer_blocks:
            tokens = block(tokens, splat)
        tokens = self.proj_out(tokens).flatten(0, 1).unflatten(1, hidden.shape[2:])
        return hidden + tokens.permute(0, 3, 1, 2)


class MotionModule(nn.Module):
    """A temporal transformer under the name released weights have for it.

    Args:
        channels: width of the level, a multiple of 32.
        heads: attention heads.
        attentions: attentions of the block.
        positions: longest sequence of frames (with a splat: of frames and moved features) it knows.
    """

    def __init__(self, channels: int, heads: int, attentions: int, positions: int) -> None:
        super().__init__()
        self.temporal_transformer = TemporalTransformer(channels, heads, attentions, positions)

    def forward(self, hidden: torch.Tensor, frames: int, splat: Splat | None = None) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape; with a splat, motion-augmented (section 5.2)."""
        return self.temporal_transformer(hidden, frames, splat)
