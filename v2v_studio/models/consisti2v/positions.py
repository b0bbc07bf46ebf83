"""Where a frame stands in the video, as temporal attention is told it (section 3.3 of the fact sheet).

`rotary` is released: queries and keys are turned by an angle. `sinusoidal` is the paper's other variant: a table is added to
what queries, keys and values are made of. Frames are counted from 0, the first frame.
"""

from __future__ import annotations

import torch
from torch import nn

BASE = 10000.0
BUCKETS = 32  # of a table that the released weights have and nothing uses


class Rotary(nn.Module):
    """Turns neighbouring channels by an angle, in the first half of the channels; before they are split by head.

    Attributes:
        freqs: (C / 4,), the angle from one frame to the next. They were trained, and differ from layer to layer.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.freqs = nn.Parameter(BASE ** (-torch.arange(0, channels // 2, 2) / (channels // 2)))

    def forward(self, tokens: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        """tokens (..., F, P, C) of frames (F,) -> the same shape."""
        angle = frames[:, None, None] * self.freqs.float()
        turned, still = tokens.tensor_split([2 * len(self.freqs)], dim=-1)
        pairs = torch.view_as_complex(turned.float().unflatten(-1, (-1, 2)))
        turned = torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(-2)
        return torch.cat([turned.to(tokens.dtype), still], dim=-1)


class Sinusoidal(nn.Module):
    """A table of waves, of which wave i has the wavelength 2 pi 10000^(i / C): half the usual exponent, as released."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.dummy = nn.Parameter(torch.zeros(1))  # of the released layout; nothing uses it

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(F,) -> (F, C): sine and cosine by turns."""
        angle = frames[:, None] / BASE ** (torch.arange(self.channels // 2, device=frames.device) / self.channels)
        return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


class RelativeBias(nn.Module):
    """Weights of the released layout that nothing uses."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.relative_attention_bias = nn.Embedding(BUCKETS, heads)
