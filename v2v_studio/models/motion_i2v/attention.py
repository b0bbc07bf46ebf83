"""Attention over the frames at each pixel, with or without the reference's features moved there (section 3.2, eq. 7-9).

The paper's own idea: among the keys and values of a pixel are, besides its own features in every frame, those of the
first frame splatted to it along the flow of every frame. A projection and a splat are both linear, so the first frame is
projected once and its keys and values are splatted, instead of N splatted frames being projected:

    K(S R + p) = S K(R) + K(p)

with p the positional encoding, which enters after the splat. Keys need no order, so none are interleaved in memory.
"""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

import torch
from diffusers.models.embeddings import SinusoidalPositionalEmbedding

from v2v_studio.errors import UsageError
from v2v_studio.models.layers import CHUNK, FrameAttention
from v2v_studio.models.motion_i2v.splat import Splat


class MotionAttention(FrameAttention):
    """One temporal attention.

    Args:
        channels: width of the level.
        heads: attention heads.
        positions: length of the table of positions.
    """

    def __init__(self, channels: int, heads: int, positions: int) -> None:
        super().__init__(channels, heads, channels)
        self.positions = positions
        self.pos_encoder = SinusoidalPositionalEmbedding(channels, positions)

    def forward(self, hidden: torch.Tensor, splat: Splat | None) -> torch.Tensor:
        """What each frame draws from all frames, and from the first frame moved to each.

        Args:
            hidden: (B, F, P, C), normed; frame 0 is the reference.
            splat: N = F - 1 flows from frame 0, on the grid of these P pixels. None: plain attention over the frames.
                With it, frame i has position 2i and the features moved to it position 2i - 1.

        Returns:
            (B, F, P, C).

        Raises:
            UsageError: more frames than there are positions.
        """
        batch, frames, pixels, channels = hidden.shape
        stride = 1 if splat is None else 2
        length = stride * (frames - 1) + 1
        if length > self.positions:
            most = (self.positions - 1) // stride + 1
            raise UsageError(
                f"Motion-I2V takes at most {most} frames at a time, not {frames}; render longer shots in windows"
            )
        table = self.pos_encoder.get_buffer("pe")[0, :length, None].to(hidden.dtype)
        if splat is not None:
            reference, positions = self._both(hidden[:, 0].detach()), self._both(table[1::2])
        step = max(1, CHUNK // (2 * frames * channels))
        rows = []
        for entry in range(batch):
            parts = []
            for part in (slice(start, start + step) for start in range(0, pixels, step)):
                tokens = hidden[entry, :, part] + table[::stride]
                key, value = self.to_k(tokens), self.to_v(tokens)
                if splat is not None:
                    moved = (splat.part(reference, entry, part) + positions).chunk(2, dim=-1)
                    key, value = torch.cat([key, moved[0]]), torch.cat([value, moved[1]])
                parts.append(self.attend_frames(self.to_q(tokens), key, value))
            rows.append(torch.cat(parts, dim=1))
        return torch.stack(rows) if batch > 1 else rows[0][None]

    def _both(self, tokens: torch.Tensor) -> torch.Tensor:
        """tokens (..., C) -> (..., 2C), their keys, then their values."""
        return torch.cat([self.to_k(tokens), self.to_v(tokens)], dim=-1)
