"""Attention over the pixels of a frame and of the first frame (section 4.1 of the paper, 3.2 of the fact sheet)."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from v2v_studio.models.layers import CHUNK, Attention


class FirstFrameAttention(Attention):
    """Self-attention of each frame's pixels, with those of frame 0 among the keys.

    A projection works on each token by itself, so frame 0 is projected once for a video, not once for every frame.

    Args:
        channels: width of the level.
        heads: attention heads.
        first_frame: with frame 0; else plain self-attention.
    """

    def __init__(self, channels: int, heads: int, first_frame: bool = True) -> None:
        super().__init__(channels, heads, channels)
        self.first_frame = first_frame

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden (B, F, H, W, C), normed -> the same shape. As released, frame 0 is among its own keys twice."""
        tokens = hidden.flatten(2, 3)
        query, key, value = (self._split(made(tokens)) for made in (self.to_q, self.to_k, self.to_v))
        step = max(1, CHUNK // (2 * tokens[0, 0].numel()))
        rows = []
        for entry in range(len(tokens)):
            parts = []
            for part in (slice(start, start + step) for start in range(0, tokens.shape[1], step)):
                keys, values = (self._seen(tensor[entry], part) for tensor in (key, value))
                parts.append(F.scaled_dot_product_attention(query[entry, part], keys, values))
            rows.append(torch.cat(parts))
        found = torch.stack(rows) if len(rows) > 1 else rows[0][None]
        return self.to_out[0](found.transpose(2, 3).flatten(3)).view(hidden.shape)

    def _seen(self, tokens: torch.Tensor, part: slice) -> torch.Tensor:
        """Keys or values (F, heads, P, c) -> what some of the frames see of them."""
        own = tokens[part]
        return torch.cat([own, tokens[:1].expand(own.shape)], dim=-2) if self.first_frame else own

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, F, P, C) -> (B, F, heads, P, C / heads)."""
        return tokens.unflatten(-1, (self.heads, -1)).transpose(2, 3)
