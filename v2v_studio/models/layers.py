"""Parts that several video networks use alike: Stable Diffusion's spatial transformer, for the frames of a video.

Hidden states are (B F, C, H, W), frames within an entry of the batch; a text belongs to an entry, so its keys and values
are worked out once for it, not for every frame (and once for a whole video, where the caller keeps them).

The parameters have the names and shapes of diffusers' Attention and FeedForward. They are written anew for what those
cannot do: a feed-forward in parts, keys kept between steps, products by the faster library.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

Keys = tuple[torch.Tensor, torch.Tensor]  # keys and values, each (B, heads, tokens, channels of a head)
TextKeys = dict[nn.Module, Keys]  # of every cross-attention of a network

CHUNK = 2**22  # values that a feed-forward or a temporal attention works on at once


class Linear(nn.Linear):
    """A linear layer over (..., C). On a CPU in float32 it runs as a convolution of size 1.

    torch gives that to oneDNN and a plain product to MKL, which on processors that are not Intel's takes twice as long.
    """

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return linear(hidden, self.weight, self.bias)


class Pointwise(nn.Conv1d):
    """A linear layer over (..., C) whose weight is a convolution's of size 1, (outside, inside, 1)."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(inside, outside, 1)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return linear(hidden, self.weight[..., 0], self.bias)


def linear(hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """hidden (..., C), weight (D, C), bias (D,) -> (..., D), by the faster library."""
    if hidden.device.type != "cpu" or hidden.dtype != torch.float32:
        return F.linear(hidden, weight, bias)
    outside, inside = weight.shape
    pixels = hidden.reshape(1, 1, -1, inside).permute(0, 3, 1, 2)
    found = F.conv2d(pixels, weight[:, :, None, None], bias)
    return found.permute(0, 2, 3, 1).reshape(*hidden.shape[:-1], outside)


class Attention(nn.Module):
    """The four projections of an attention.

    Args:
        channels: of the queries and of the result.
        heads: that channels are split among.
        context: channels of what keys and values are made of.
        inner: channels of all heads together; as many as `channels` where it is not given.
    """

    def __init__(self, channels: int, heads: int, context: int, inner: int | None = None) -> None:
        super().__init__()
        inner = inner or channels
        self.heads = heads
        self.to_q = Linear(channels, inner, bias=False)
        self.to_k = Linear(context, inner, bias=False)
        self.to_v = Linear(context, inner, bias=False)
        self.to_out = nn.ModuleList([Linear(inner, channels)])

    def keys(self, context: torch.Tensor) -> Keys:
        """context (B, L, C) -> keys and values by head."""
        return self._split(self.to_k(context)), self._split(self.to_v(context))

    def attend(self, hidden: torch.Tensor, keys: Keys, mask: torch.Tensor | None = None) -> torch.Tensor:
        """hidden (B, L, C), as queries -> the same shape. mask (B, tokens) bool: the keys that count; None: all."""
        seen = None if mask is None else mask[:, None, None]
        found = F.scaled_dot_product_attention(self._split(self.to_q(hidden)), *keys, attn_mask=seen)
        return self.to_out[0](found.transpose(1, 2).flatten(2))

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, L, C) -> (B, heads, L, C / heads)."""
        return tokens.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class SelfAttention(Attention):
    """Attention of the pixels of a frame to one another."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden (B F, P, C) -> the same shape."""
        return self.attend(hidden, self.keys(hidden))


class CrossAttention(Attention):
    """Attention of every pixel of every frame to the entry's text."""

    def forward(self, hidden: torch.Tensor, keys: Keys) -> torch.Tensor:
        """hidden (B F, P, C) -> the same shape; all frames of an entry are one sequence of queries."""
        queries = hidden.reshape(len(keys[0]), -1, hidden.shape[-1])
        return self.attend(queries, keys).view(hidden.shape)


class FrameAttention(Attention):
    """Attention of the frames to one another, at each pixel."""

    def attend_frames(self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """query (F, p, C), key and value (K, p, C) -> (F, p, C), each pixel for itself."""
        query, key, value = (
            tokens.unflatten(-1, (self.heads, -1)).permute(1, 2, 0, 3) for tokens in (query, key, value)
        )
        found = F.scaled_dot_product_attention(query, key, value)
        return self.to_out[0](found.transpose(1, 2).flatten(2)).transpose(0, 1)


class GatedGelu(nn.Module):
    """GEGLU: half of a projection, gated by the other half."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.proj = Linear(channels, 2 * hidden)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        value, gate = self.proj(tokens).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    """GEGLU of four times the width and a projection back, in parts: the hidden layer is never there as a whole."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GatedGelu(channels, 4 * channels), nn.Identity(), Linear(4 * channels, channels))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """tokens (..., C) -> the same shape."""
        flat = tokens.reshape(-1, tokens.shape[-1])
        step = max(1, CHUNK // (8 * flat.shape[-1]))
        return torch.cat([self.net(part) for part in flat.split(step)]).view(tokens.shape)


class TransformerBlock(nn.Module):
    """Self-attention, attention to the text, feed-forward; each on its normed input, each added to it.

    Args:
        channels: width of the level.
        attn1: of the tokens to one another.
        attn2: of the tokens to the text.
    """

    def __init__(self, channels: int, attn1: Attention, attn2: CrossAttention) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = attn1
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = attn2
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(self, hidden: torch.Tensor, text: TextKeys) -> torch.Tensor:
        hidden = hidden + self.attn1(self.norm1(hidden))
        hidden = hidden + self.attn2(self.norm2(hidden), text[self.attn2])
        return hidden + self.ff(self.norm3(hidden))


class SpatialTransformer(nn.Module):
    """Stable Diffusion 1's transformer over the pixels of each frame.

    Args:
        channels: width of the level.
        heads: attention heads.
        text_channels: width of the text's tokens.
        groups: of the group norm.
    """

    def __init__(self, channels: int, heads: int, text_channels: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        attentions = SelfAttention(channels, heads, channels), CrossAttention(channels, heads, text_channels)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, *attentions)])
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, hidden: torch.Tensor, text: TextKeys) -> torch.Tensor:
        """hidden (B F, C, H, W) -> the same shape."""
        tokens = self.proj_in(self.norm(hidden)).permute(0, 2, 3, 1).flatten(1, 2)
        for block in self.transformer_blocks:
            tokens = block(tokens, text)
        return hidden + self.proj_out(tokens.unflatten(1, hidden.shape[2:]).permute(0, 3, 1, 2))


def text_keys(network: nn.Module, text: torch.Tensor) -> TextKeys:
    """Keys and values of a text (B, L, C) in every cross-attention of a network."""
    return {module: module.keys(text) for module in network.modules() if isinstance(module, CrossAttention)}


def frames_first(video: torch.Tensor) -> torch.Tensor:
    """(B, C, F, H, W) -> (B F, C, H, W), pixel by pixel in memory: what convolutions and attentions both read fastest."""
    return video.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)


def frames_last(hidden: torch.Tensor, frames: int) -> torch.Tensor:
    """(B F, C, H, W) -> (B, C, F, H, W)."""
    return hidden.unflatten(0, (-1, frames)).transpose(1, 2).contiguous()
