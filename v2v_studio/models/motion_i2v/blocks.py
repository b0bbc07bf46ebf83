"""Levels of the UNets: Stable Diffusion 1's blocks for the frames of a video, with a motion module after every layer."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from diffusers.models.downsampling import Downsample2D
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from torch import nn

from v2v_studio.models.layers import SpatialTransformer, TextKeys
from v2v_studio.models.motion_i2v.motion_module import MotionModule
from v2v_studio.models.motion_i2v.splat import Splat

Size = tuple[int, int]


@dataclass(frozen=True)
class Widths:
    """What all levels of a network share."""

    embedding: int  # channels of the time embedding
    groups: int
    heads: int
    text: int
    motion_heads: int
    motion_attentions: int
    motion_positions: int

    def resnet(self, inside: int, outside: int) -> ResnetBlock2D:
        return ResnetBlock2D(
            in_channels=inside, out_channels=outside, temb_channels=self.embedding, groups=self.groups, eps=1e-5
        )

    def transformer(self, channels: int) -> SpatialTransformer:
        return SpatialTransformer(channels, self.heads, self.text, self.groups)

    def motion(self, channels: int) -> MotionModule:
        return MotionModule(channels, self.motion_heads, self.motion_attentions, self.motion_positions)


@dataclass(frozen=True)
class Context:
    """What every layer is told besides its hidden states.

    Args:
        embedding: (B F, E), of the time (and stride) of each frame.
        text: keys and values of the text, by cross-attention.
        frames: F.
        splats: geometry of the flows by the size of a level, (h, w); none in stage 1.
    """

    embedding: torch.Tensor
    text: TextKeys
    frames: int
    splats: Mapping[Size, Splat]


class Level(nn.Module):
    """Layers of one width: resnet, spatial transformer (where there is one), motion module."""

    gradient_checkpointing = False  # both are set by ModelMixin.enable_gradient_checkpointing
    _gradient_checkpointing_func: Callable[..., torch.Tensor]

    def __init__(self, widths: Widths, inside: list[int], channels: int, with_text: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(widths.resnet(width, channels) for width in inside)
        self.attentions = nn.ModuleList(widths.transformer(channels) for _ in inside if with_text)
        self.motion_modules = nn.ModuleList(widths.motion(channels) for _ in inside)

    def layer(self, index: int, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        if self.gradient_checkpointing and torch.is_grad_enabled():
            return self._gradient_checkpointing_func(self._layer, index, hidden, context)
        return self._layer(index, hidden, context)

    def _layer(self, index: int, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        hidden = self.resnets[index](hidden, context.embedding)
        if self.attentions:
            hidden = self.attentions[index](hidden, context.text)
        height, width = hidden.shape[2:]
        return self.motion_modules[index](hidden, context.frames, context.splats.get((height, width)))


class DownLevel(Level):
    """Layers, then half the size; gives what the way up skips to: the result of each."""

    def __init__(self, widths: Widths, inside: int, channels: int, layers: int, with_text: bool, shrink: bool) -> None:
        super().__init__(widths, [inside] + [channels] * (layers - 1), channels, with_text)
        # under the name "op" diffusers keeps the convolution once, as `conv`; by default twice
        self.downsamplers = nn.ModuleList([Downsample2D(channels, use_conv=True, name="op")] if shrink else [])

    def forward(self, hidden: torch.Tensor, context: Context) -> tuple[torch.Tensor, list[torch.Tensor]]:
        skips = []
        for index in range(len(self.resnets)):
            hidden = self.layer(index, hidden, context)
            skips.append(hidden)
        for shrink in self.downsamplers:
            hidden = shrink(hidden)
            skips.append(hidden)
        return hidden, skips


class MiddleLevel(Level):
    """Resnet, spatial transformer, motion module, and a second resnet."""

    def __init__(self, widths: Widths, channels: int) -> None:
        super().__init__(widths, [channels], channels, with_text=True)
        self.resnets.append(widths.resnet(channels, channels))

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        return self.resnets[1](self.layer(0, hidden, context), context.embedding)


class UpLevel(Level):
    """Layers that each take one skip, then the size of the level above."""

    def __init__(self, widths: Widths, inside: list[int], channels: int, with_text: bool, grow: bool) -> None:
        super().__init__(widths, inside, channels, with_text)
        self.upsamplers = nn.ModuleList([Upsample2D(channels, use_conv=True)] if grow else [])

    def forward(self, hidden: torch.Tensor, skips: list[torch.Tensor], context: Context) -> torch.Tensor:
        """`skips` is a stack; what this level needs is taken off it. The next one on it has the size to grow to."""
        for index in range(len(self.resnets)):
            hidden = self.layer(index, torch.cat([hidden, skips.pop()], dim=1), context)
        for grow in self.upsamplers:
            hidden = grow(hidden, skips[-1].shape[2:])
        return hidden


def down_levels(widths: Widths, channels: tuple[int, ...], layers: int) -> nn.ModuleList:
    """From the widest picture to the smallest; the smallest attends to no text."""
    inside = (channels[0], *channels)
    last = len(channels) - 1
    return nn.ModuleList(
        DownLevel(widths, inside[i], width, layers, with_text=i < last, shrink=i < last)
        for i, width in enumerate(channels)
    )


def up_levels(widths: Widths, channels: tuple[int, ...], layers: int) -> nn.ModuleList:
    """From the smallest picture to the widest: one layer more a level than on the way down, each with a skip."""
    skips = skip_widths(channels, layers)
    levels, before = [], channels[-1]
    for i, width in reversed(list(enumerate(channels))):
        inside = [(before if layer == 0 else width) + skips.pop() for layer in range(layers + 1)]
        levels.append(UpLevel(widths, inside, width, with_text=i < len(channels) - 1, grow=i > 0))
        before = width
    return nn.ModuleList(levels)


def skip_widths(channels: tuple[int, ...], layers: int) -> list[int]:
    """Widths of the skips in the order they are made: of conv_in, of each layer, of each downsampler."""
    widths = [channels[0]]
    for level, width in enumerate(channels):
        widths += [width] * (layers + (level < len(channels) - 1))
    return widths
