"""Levels of the UNets: Stable Diffusion 1's blocks for the frames of a video, with a motion module after every layer."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

from v2v_studio.models.layers import SpatialTransformer, TextKeys
from v2v_studio.models.levels import Down, Level, Up, downsamplers, upsamplers, widths_down, widths_up
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


class Layers(Level):
    """Resnet, spatial transformer (where there is one), motion module."""

    def __init__(self, widths: Widths, inside: list[int], channels: int, with_text: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(widths.resnet(width, channels) for width in inside)
        self.attentions = nn.ModuleList(widths.transformer(channels) for _ in inside if with_text)
        self.motion_modules = nn.ModuleList(widths.motion(channels) for _ in inside)

    def _layer(self, index: int, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        hidden = self.resnets[index](hidden, context.embedding)
        if self.attentions:
            hidden = self.attentions[index](hidden, context.text)
        height, width = hidden.shape[2:]
        return self.motion_modules[index](hidden, context.frames, context.splats.get((height, width)))


class DownLevel(Layers, Down):
    """A level on the way down."""

    def __init__(self, widths: Widths, inside: list[int], channels: int, with_text: bool, shrink: bool) -> None:
        super().__init__(widths, inside, channels, with_text)
        self.downsamplers = downsamplers(channels, shrink)


class MiddleLevel(Layers):
    """Resnet, spatial transformer, motion module, and a second resnet."""

    def __init__(self, widths: Widths, channels: int) -> None:
        super().__init__(widths, [channels], channels, with_text=True)
        self.resnets.append(widths.resnet(channels, channels))

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        return self.resnets[1](self.layer(0, hidden, context), context.embedding)


class UpLevel(Layers, Up):
    """A level on the way up."""

    def __init__(self, widths: Widths, inside: list[int], channels: int, with_text: bool, grow: bool) -> None:
        super().__init__(widths, inside, channels, with_text)
        self.upsamplers = upsamplers(channels, grow)


def down_levels(widths: Widths, channels: tuple[int, ...], layers: int) -> nn.ModuleList:
    """From the widest picture to the smallest; the smallest attends to no text."""
    last = len(channels) - 1
    return nn.ModuleList(
        DownLevel(widths, inside, width, with_text=level < last, shrink=level < last)
        for level, (width, inside) in enumerate(zip(channels, widths_down(channels, layers), strict=True))
    )


def up_levels(widths: Widths, channels: tuple[int, ...], layers: int) -> nn.ModuleList:
    """From the smallest picture to the widest."""
    last = len(channels) - 1
    return nn.ModuleList(
        UpLevel(widths, inside, width, with_text=level > 0, grow=level < last)
        for level, (width, inside) in enumerate(zip(channels[::-1], widths_up(channels, layers), strict=True))
    )
