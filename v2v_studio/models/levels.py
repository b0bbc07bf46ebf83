"""Levels of a UNet for the frames of a video: how layers, skips and changes of size follow one another.

Hidden states are (B F, C, H, W), frames within an entry of the batch. What a layer consists of, each model says.
"""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Callable
from typing import Any

import torch
from diffusers.models.downsampling import Downsample2D
from diffusers.models.upsampling import Upsample2D
from torch import nn


class Level(nn.Module):
    """Layers of one width. Their `context` is what they are told besides hidden states."""

    resnets: nn.ModuleList  # as many as there are layers; in the middle one more
    gradient_checkpointing = False  # both are set by ModelMixin.enable_gradient_checkpointing
    _gradient_checkpointing_func: Callable[..., torch.Tensor]

    def layer(self, index: int, hidden: torch.Tensor, context: Any) -> torch.Tensor:
        if self.gradient_checkpointing and torch.is_grad_enabled():
            return self._gradient_checkpointing_func(self._layer, index, hidden, context)
        return self._layer(index, hidden, context)

    def _layer(self, index: int, hidden: torch.Tensor, context: Any) -> torch.Tensor:
        """What a layer does."""
        raise AssertionError(f"{type(self).__name__} does not say what a layer is")


class Down(Level):
    """Layers, then half the size; gives what the way up skips to: the result of each."""

    downsamplers: nn.ModuleList

    def forward(self, hidden: torch.Tensor, context: Any) -> tuple[torch.Tensor, list[torch.Tensor]]:
        skips = []
        for index in range(len(self.resnets)):
            hidden = self.layer(index, hidden, context)
            skips.append(hidden)
        for shrink in self.downsamplers:
            hidden = shrink(hidden)
            skips.append(hidden)
        return hidden, skips


class Up(Level):
    """Layers that each take one skip, then the size of the level above."""

    upsamplers: nn.ModuleList

    def forward(self, hidden: torch.Tensor, skips: list[torch.Tensor], context: Any) -> torch.Tensor:
        """`skips` is a stack; what this level needs is taken off it. The next one on it has the size to grow to."""
        for index in range(len(self.resnets)):
            hidden = self.layer(index, torch.cat([hidden, skips.pop()], dim=1), context)
        for grow in self.upsamplers:
            hidden = grow(hidden, skips[-1].shape[2:])
        return hidden


def downsamplers(channels: int, shrink: bool) -> nn.ModuleList:
    """One, or none."""
    # under the name "op" diffusers keeps the convolution once, as `conv`; by default twice
    return nn.ModuleList([Downsample2D(channels, use_conv=True, name="op")] if shrink else [])


def upsamplers(channels: int, grow: bool) -> nn.ModuleList:
    """One, or none."""
    return nn.ModuleList([Upsample2D(channels, use_conv=True)] if grow else [])


def widths_down(channels: tuple[int, ...], layers: int) -> list[list[int]]:
    """What comes into each layer of each level on the way down."""
    return [
        [before] + [width] * (layers - 1) for before, width in zip((channels[0], *channels), channels, strict=False)
    ]


def widths_up(channels: tuple[int, ...], layers: int) -> list[list[int]]:
    """What comes into each layer of each level on the way up, the smallest picture first: one more a level, each with a
    skip."""
    skips, found, before = skip_widths(channels, layers), [], channels[-1]
    for width in reversed(channels):
        found.append([(before if layer == 0 else width) + skips.pop() for layer in range(layers + 1)])
        before = width
    return found


def skip_widths(channels: tuple[int, ...], layers: int) -> list[int]:
    """Widths of the skips in the order they are made: of conv_in, of each layer, of each downsampler."""
    widths = [channels[0]]
    for level, width in enumerate(channels):
        widths += [width] * (layers + (level < len(channels) - 1))
    return widths
