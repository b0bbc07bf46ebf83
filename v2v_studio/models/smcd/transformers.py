"""The two transformers of a level: over the pixels of a frame, and over the frames at a pixel (sections 2.4 to 2.6)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from v2v_studio.models.layers import CHUNK, CrossAttention, FeedForward, Linear, Pointwise, SelfAttention
from v2v_studio.models.smcd.context import Context, by_frame, by_pixel
from v2v_studio.models.smcd.gates import Gate


class SpatialBlock(nn.Module):
    """Self-attention, the gate to boxes and image, attention to the text, feed-forward; each added to its input."""

    def __init__(self, channels: int, heads: int, text_channels: int, gate: Gate | None) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = SelfAttention(channels, heads, channels)
        self.gate_attn = gate
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = CrossAttention(channels, heads, text_channels)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(self, hidden: torch.Tensor, kept: dict[nn.Module, Any]) -> torch.Tensor:
        """hidden (B F, P, C) -> the same shape. Without boxes the gate is left out, the image with it."""
        hidden = hidden + self.attn1(self.norm1(hidden))
        if self.gate_attn in kept:
            hidden = self.gate_attn(hidden, kept[self.gate_attn])
        hidden = hidden + self.attn2(self.norm2(hidden), kept[self.attn2])
        return hidden + self.ff(self.norm3(hidden))


class SpatialTransformer(nn.Module):
    """Group norm of each frame, projection, block, projection, and what came in.

    Args:
        channels: width of the level.
        heads, head_dim: attention heads, and the channels of each.
        text_channels: width of the text's tokens.
        gate: to boxes and image, as wide as all heads together; None without.
    """

    def __init__(self, channels: int, heads: int, head_dim: int, text_channels: int, gate: Gate | None) -> None:
        super().__init__()
        inner = heads * head_dim
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = Linear(channels, inner)
        self.transformer_blocks = nn.ModuleList([SpatialBlock(inner, heads, text_channels, gate)])
        self.proj_out = Linear(inner, channels)

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        tokens = self.proj_in(self.norm(hidden).permute(0, 2, 3, 1).flatten(1, 2))
        for block in self.transformer_blocks:
            tokens = block(tokens, context.kept)
        return hidden + self.proj_out(tokens).unflatten(1, hidden.shape[2:]).permute(0, 3, 1, 2)


class TemporalAttention(SelfAttention):
    """Attention of the frames to one another, at each pixel; so many pixels at once as CHUNK allows."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden (B P, F, C) -> the same shape."""
        step = max(1, CHUNK // (2 * hidden.shape[1:].numel()))
        return torch.cat([super(TemporalAttention, self).forward(part) for part in hidden.split(step)])


class TemporalBlock(nn.Module):
    """Two attentions over the frames, and a feed-forward; each on its normed input, each added to it."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = TemporalAttention(channels, heads, channels)
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = TemporalAttention(channels, heads, channels)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden (B P, F, C) -> the same shape."""
        hidden = hidden + self.attn1(self.norm1(hidden))
        hidden = hidden + self.attn2(self.norm2(hidden))
        return hidden + self.ff(self.norm3(hidden))


class TemporalTransformer(nn.Module):
    """Group norm of all frames together, projection, block, projection, and what came in. Frames have no positions.

    Args:
        channels: width of the level.
        heads, head_dim: attention heads, and the channels of each.
    """

    def __init__(self, channels: int, heads: int, head_dim: int) -> None:
        super().__init__()
        inner = heads * head_dim
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = Pointwise(channels, inner)
        self.transformer_blocks = nn.ModuleList([TemporalBlock(inner, heads)])
        self.proj_out = Pointwise(inner, channels)

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        if context.still:
            return hidden
        video = self.norm(by_frame(hidden, context.frames))
        batch, _, frames, pixels = video.shape
        tokens = self.proj_in(
            video.permute(0, 3, 2, 1).reshape(batch * pixels, frames, -1)
        )  # a pixel's frames in a row
        for block in self.transformer_blocks:
            tokens = block(tokens)
        tokens = self.proj_out(tokens).unflatten(0, (batch, pixels)).permute(0, 3, 2, 1)
        return hidden + by_pixel(tokens, hidden.shape[2:])
