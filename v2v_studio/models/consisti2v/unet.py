"""The UNet: noise in the frames of a video, given the first one (sections 2 and 3 of the fact sheet)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from typing import Any

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.modeling_utils import ModelMixin
from torch import nn

from v2v_studio.models.consisti2v.blocks import Context, MiddleLevel, Widths, down_levels, up_levels
from v2v_studio.models.consisti2v.temporal import Positions
from v2v_studio.models.layers import TextKeys, frames_first, frames_last, text_keys


class ConsistI2VUNet(ModelMixin, ConfigMixin):  # type: ignore[misc]  # diffusers' own pair
    """Predicts the noise in the frames that follow a first frame, which stands clean before them; sizes as in config.py.

    Args:
        block_out_channels: width of each level, multiples of 32.
        layers_per_block: layers of a level on the way down; the way up has one more.
        norm_num_groups: of all group norms but the temporal convolutions'.
        heads: of spatial attention on each level; the last of them is the middle's.
        temporal_heads: of temporal attention on every level.
        cross_attention_dim: width of the text's tokens.
        attending: whether a level attends, to pixels, frames and text.
        first_frame_keys: with the first frame among the keys of spatial attention.
        window: with the first frame's neighbourhood among the keys of temporal attention.
        positions: how temporal attention tells frames apart.
    """

    _supports_gradient_checkpointing = True
    _keep_in_fp32_modules: Any = ["rotary_emb"]  # noqa: RUF012 - as diffusers wants it; else an angle is off by degrees

    @register_to_config
    def __init__(
        self,
        block_out_channels: tuple[int, ...] = (320, 640, 1280, 1280),
        layers_per_block: int = 2,
        norm_num_groups: int = 32,
        heads: tuple[int, ...] = (5, 10, 20, 20),
        temporal_heads: int = 8,
        cross_attention_dim: int = 1024,
        attending: tuple[bool, ...] = (True, True, True, False),
        first_frame_keys: bool = True,
        window: bool = True,
        positions: Positions = "rotary",
    ) -> None:
        super().__init__()
        channels = tuple(block_out_channels)
        embedding = 4 * channels[0]
        widths = Widths(
            embedding, norm_num_groups, cross_attention_dim, temporal_heads, first_frame_keys, window, positions
        )
        at_levels = tuple(count if attends else 0 for count, attends in zip(heads, attending, strict=True))
        self.conv_in = nn.Conv2d(4, channels[0], 3, padding=1)
        self.time_proj = Timesteps(channels[0], flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time_embedding = TimestepEmbedding(channels[0], embedding)
        self.frame_stride_embedding = TimestepEmbedding(channels[0], embedding)
        nn.init.zeros_(self.frame_stride_embedding.linear_2.weight)  # a new one changes nothing
        nn.init.zeros_(self.frame_stride_embedding.linear_2.bias)
        self.down_blocks = down_levels(widths, channels, at_levels, layers_per_block)
        self.mid_block = MiddleLevel(widths, channels[-1], heads[-1])
        self.up_blocks = up_levels(widths, channels, at_levels, layers_per_block)
        self.conv_norm_out = nn.GroupNorm(norm_num_groups, channels[0], eps=1e-5)
        self.conv_out = nn.Conv2d(channels[0], 4, 3, padding=1)

    def text_keys(self, text: torch.Tensor) -> TextKeys:
        """Keys and values of a text (B, L, cross_attention_dim), to give to `forward` in its place at every step."""
        return text_keys(self, text)

    def embedding(self, timestep: torch.Tensor, stride: torch.Tensor) -> torch.Tensor:
        """(N,) each -> (N, E): of the time and of the stride, through the same waves and their own layers, added."""
        waves = (self.time_proj(numbers).to(self.dtype) for numbers in (timestep, stride))
        return self.time_embedding(next(waves)) + self.frame_stride_embedding(next(waves))

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor | int,
        text: torch.Tensor | TextKeys,
        first: torch.Tensor,
        stride: torch.Tensor | int = 3,
    ) -> torch.Tensor:
        """One step's noise.

        Args:
            sample: (B, 4, F - 1, h, w), the noisy frames that follow; any size, any number.
            timestep: of all frames, the first one too: one for all, or (B F,).
            text: (B, L, C) hidden states of the text encoder, or their `text_keys`.
            first: (B, 4, 1, h, w), the clean latent of the first frame.
            stride: frames of real time from one to the next: one for all, or (B F,).

        Returns:
            (B, 4, F - 1, h, w).
        """
        video = torch.cat([first, sample], dim=2)
        frames = video.shape[2]
        rows = [self._rows(number, len(video) * frames) for number in (timestep, stride)]
        keys = self.text_keys(text) if isinstance(text, torch.Tensor) else text
        context = Context(self.embedding(*rows), keys, frames)
        hidden = self.conv_in(frames_first(video))
        skips = [hidden]
        for level in self.down_blocks:
            hidden, made = level(hidden, context)
            skips += made
        hidden = self.mid_block(hidden, context)
        for level in self.up_blocks:
            hidden = level(hidden, skips, context)
        hidden = self.conv_out(F.silu(self.conv_norm_out(hidden)))
        return frames_last(hidden, frames)[:, :, 1:]

    def _rows(self, number: torch.Tensor | int, count: int) -> torch.Tensor:
        """One number, or `count` of them -> (count,)."""
        return torch.as_tensor(number, device=self.device).reshape(-1).expand(count)
