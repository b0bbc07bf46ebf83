"""Attention over the frames at each pixel, with the first frame's neighbourhood (section 3.3 of the fact sheet).

Tokens are (B, F, H, W, C). Among the keys of a pixel are, besides its own features in every frame, those of the 8 pixels
round it in frame 0. Frame 0 is projected once and its keys are gathered, instead of 8 neighbours being projected.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F

from v2v_studio.models.consisti2v.positions import RelativeBias, Rotary, Sinusoidal
from v2v_studio.models.layers import CHUNK, Attention, CrossAttention, FrameAttention, Keys

Positions = Literal["rotary", "sinusoidal"]


class Placed(Attention):
    """An attention that knows which frame a token is of."""

    def __init__(self, channels: int, heads: int, context: int, positions: Positions) -> None:
        super().__init__(channels, heads, context)
        self.positions = positions
        if positions == "rotary":
            self.rotary_bias = RelativeBias(heads)
            self.rotary_emb = Rotary(channels)
        else:
            self.pos_enc = Sinusoidal(channels)

    def placed(self, hidden: torch.Tensor) -> torch.Tensor:
        """Tokens (..., F, P, C) with their position added, where positions are added."""
        if self.positions == "rotary":
            return hidden
        return hidden + self.pos_enc(_numbers(hidden))[:, None].to(hidden.dtype)

    def turned(self, tokens: torch.Tensor) -> torch.Tensor:
        """Queries or keys (..., F, P, C) turned by their position, where positions turn them."""
        return self.rotary_emb(tokens, _numbers(tokens)) if self.positions == "rotary" else tokens


class WindowAttention(Placed, FrameAttention):
    """Attention over the frames at each pixel.

    Args:
        channels: width of the level.
        heads: attention heads.
        positions: how frames are told apart.
        window: with the 8 neighbours in frame 0.
    """

    def __init__(self, channels: int, heads: int, positions: Positions, window: bool = True) -> None:
        super().__init__(channels, heads, channels, positions)
        self.window = window

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden (B, F, H, W, C), normed -> the same shape."""
        batch, frames, height, width, channels = hidden.shape
        tokens = self.placed(hidden.flatten(2, 3))
        first = self.to_k(tokens[:, 0]), self.to_v(tokens[:, 0])  # position 0 turns nothing
        round_it = neighbours(height, width, hidden.device) if self.window else None
        step = max(1, CHUNK // (2 * frames * channels))
        rows = []
        for entry in range(batch):
            parts = []
            for part in (slice(start, start + step) for start in range(0, height * width, step)):
                own = tokens[entry, :, part]
                others = self.to_k(own[1:]), self.to_v(own[1:])
                key, value = (
                    torch.cat([one[entry, None, part], more]) for one, more in zip(first, others, strict=True)
                )
                query, key = self.turned(self.to_q(own)), self.turned(key)
                if round_it is not None:
                    near = round_it[:, part]
                    key, value = torch.cat([key, first[0][entry, near]]), torch.cat([value, first[1][entry, near]])
                parts.append(self.attend_frames(query, key, value))
            rows.append(torch.cat(parts, dim=1))
        return (torch.stack(rows) if batch > 1 else rows[0][None]).view(hidden.shape)


class TemporalCrossAttention(Placed, CrossAttention):
    """Attention of every pixel to the text; queries know their frame, the text has no place in time.

    Args:
        channels: width of the level.
        heads: attention heads.
        text_channels: width of the text's tokens.
        positions: how frames are told apart.

    Attributes:
        equal_text: what happens to a text of as many tokens as there are frames. "plain": nothing, as to any other.
            "turned": its keys are turned like frames, which the released code does by accident.
    """

    equal_text: Literal["plain", "turned"] = "plain"

    def forward(self, hidden: torch.Tensor, keys: Keys) -> torch.Tensor:
        """hidden (B, F, H, W, C) -> the same shape."""
        key, value = keys
        if self.equal_text == "turned" and key.shape[2] == hidden.shape[1]:
            tokens = self.turned(key.transpose(1, 2).flatten(2)[:, :, None])[:, :, 0]
            key = self._split(tokens)
        query = self.turned(self.to_q(self.placed(hidden.flatten(2, 3))))
        found = F.scaled_dot_product_attention(self._split(query.flatten(1, 2)), key, value)
        return self.to_out[0](found.transpose(1, 2).flatten(2)).view(hidden.shape)


def neighbours(height: int, width: int, device: torch.device) -> torch.Tensor:
    """(8, H W): the pixels round each pixel, row by row, without itself; beyond the edge it is the edge's."""
    y, x = torch.meshgrid(torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij")
    steps = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    near = [(y + dy).clamp(0, height - 1) * width + (x + dx).clamp(0, width - 1) for dy, dx in steps]
    return torch.stack(near).flatten(1)


def _numbers(tokens: torch.Tensor) -> torch.Tensor:
    """Of the frames of tokens (..., F, P, C): 0 to F - 1, in float32."""
    return torch.arange(tokens.shape[-3], device=tokens.device, dtype=torch.float32)
