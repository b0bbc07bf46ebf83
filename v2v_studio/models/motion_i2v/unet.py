"""What Motion-I2V's three networks share: the way down and the middle, and in the two UNets the way up."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.modeling_utils import ModelMixin
from torch import nn

from v2v_studio.models.layers import TextKeys, frames_last, text_keys
from v2v_studio.models.motion_i2v.blocks import Context, MiddleLevel, Size, Widths, down_levels, up_levels
from v2v_studio.models.motion_i2v.splat import Splat


class Encoder(ModelMixin, ConfigMixin):  # type: ignore[misc]  # diffusers' own pair
    """Convolution in, embedding of time, levels down, middle; sizes as in config.py.

    Args:
        block_out_channels: width of each level, multiples of 32.
        layers_per_block: layers of a level on the way down; the way up has one more.
        norm_num_groups: of all group norms but the motion modules'.
        heads: attention heads over pixels and text.
        cross_attention_dim: width of the text's tokens.
        motion_heads, motion_attentions: heads of a temporal attention, and attentions of a motion module.
        motion_positions: longest sequence a motion module knows.
    """

    in_channels: ClassVar[int]
    with_stride: ClassVar[bool]  # is told how far each frame is from the reference, too
    _supports_gradient_checkpointing = True

    @register_to_config
    def __init__(
        self,
        block_out_channels: tuple[int, ...] = (320, 640, 1280, 1280),
        layers_per_block: int = 2,
        norm_num_groups: int = 32,
        heads: int = 8,
        cross_attention_dim: int = 768,
        motion_heads: int = 8,
        motion_attentions: int = 2,
        motion_positions: int = 32,
    ) -> None:
        super().__init__()
        channels = tuple(block_out_channels)
        embedding = 4 * channels[0]
        widths = Widths(
            embedding, norm_num_groups, heads, cross_attention_dim, motion_heads, motion_attentions, motion_positions
        )
        self.conv_in = nn.Conv2d(self.in_channels, channels[0], 3, padding=1)
        self.time_proj = Timesteps(channels[0], flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time_embedding = TimestepEmbedding(channels[0], embedding)
        if self.with_stride:
            self.stride_embedding = TimestepEmbedding(channels[0], embedding)
        self.down_blocks = down_levels(widths, channels, layers_per_block)
        self.mid_block = MiddleLevel(widths, channels[-1])
        self._add(widths, channels, layers_per_block)

    def _add(self, widths: Widths, channels: tuple[int, ...], layers: int) -> None:
        """What a network has besides."""
        raise AssertionError(f"{type(self).__name__} does not say what it adds")

    def text_keys(self, text: torch.Tensor) -> TextKeys:
        """Keys and values of a text (B, L, cross_attention_dim), to give to `forward` in its place at every step."""
        return text_keys(self, text)

    def _context(
        self, embedding: torch.Tensor, text: torch.Tensor | TextKeys, splats: Mapping[Size, Splat] | None = None
    ) -> Context:
        keys = self.text_keys(text) if isinstance(text, torch.Tensor) else text
        return Context(embedding.flatten(0, 1), keys, embedding.shape[1], splats or {})

    def embedding(self, timestep: torch.Tensor, stride: torch.Tensor | None = None) -> torch.Tensor:
        """Of the time and, where the network has one, of the stride, each through its own layers, added.

        Args:
            timestep: (B, F), or (B, 1) for all frames alike.
            stride: (1 or B, F), frames of the footage between the reference and each frame.

        Returns:
            (B, F, E).
        """
        embedding = self.time_embedding(self._waves(timestep)).unflatten(0, timestep.shape)
        if stride is None:
            return embedding
        return embedding + self.stride_embedding(self._waves(stride)).unflatten(0, stride.shape)

    def _waves(self, numbers: torch.Tensor) -> torch.Tensor:
        return self.time_proj(numbers.flatten()).to(self.dtype)

    def _encode(self, hidden: torch.Tensor, context: Context) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """The result of conv_in (B F, C0, h, w) -> that of the middle, and the skips in the order they are made."""
        skips = [hidden]
        for level in self.down_blocks:
            hidden, made = level(hidden, context)
            skips += made
        return self.mid_block(hidden, context), skips


class UNet(Encoder):
    """An encoder with its way up and a convolution out: 4 channels, the predicted noise."""

    def _add(self, widths: Widths, channels: tuple[int, ...], layers: int) -> None:
        self.up_blocks = up_levels(widths, channels, layers)
        self.conv_norm_out = nn.GroupNorm(widths.groups, channels[0], eps=1e-5)
        self.conv_out = nn.Conv2d(channels[0], 4, 3, padding=1)

    def _decode(self, hidden: torch.Tensor, skips: list[torch.Tensor], context: Context) -> torch.Tensor:
        """-> (B, 4, F, h, w). Takes the skips off their stack."""
        for level in self.up_blocks:
            hidden = level(hidden, skips, context)
        hidden = self.conv_out(F.silu(self.conv_norm_out(hidden)))
        return frames_last(hidden, context.frames)


def batched(timestep: torch.Tensor | int, sample: torch.Tensor) -> torch.Tensor:
    """One time for all, or one for each entry of the sample -> (B, 1)."""
    return torch.as_tensor(timestep, device=sample.device).reshape(-1, 1).expand(len(sample), 1)
