"""Levels of the UNet: Stable Diffusion 2's blocks, a temporal one after each of their parts (section 2.2 of the sheet)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from dataclasses import dataclass

import torch
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

from v2v_studio.models.consisti2v.temporal import Positions
from v2v_studio.models.consisti2v.temporal_conv import TemporalConv
from v2v_studio.models.consisti2v.transformers import SpatialTransformer, TemporalTransformer
from v2v_studio.models.layers import TextKeys
from v2v_studio.models.levels import Down, Level, Up, downsamplers, upsamplers, widths_down, widths_up


@dataclass(frozen=True)
class Widths:
    """What all levels share."""

    embedding: int  # channels of the time embedding
    groups: int
    text: int
    temporal_heads: int
    first_frame: bool
    window: bool
    positions: Positions

    def resnet(self, inside: int, outside: int) -> ResnetBlock2D:
        return ResnetBlock2D(
            in_channels=inside, out_channels=outside, temb_channels=self.embedding, groups=self.groups, eps=1e-5
        )

    def spatial(self, channels: int, heads: int) -> SpatialTransformer:
        return SpatialTransformer(channels, heads, self.text, self.groups, self.first_frame)

    def temporal(self, channels: int) -> TemporalTransformer:
        return TemporalTransformer(
            channels, self.temporal_heads, self.text, self.groups, self.positions, window=self.window
        )


@dataclass(frozen=True)
class Context:
    """What every layer is told besides its hidden states.

    Args:
        embedding: (B F, E), of the time and the stride.
        text: keys and values of the text, by cross-attention.
        frames: F.
    """

    embedding: torch.Tensor
    text: TextKeys
    frames: int


@dataclass(frozen=True)
class Layout:
    """What a level has: its width, heads of spatial attention (0: none attends), and whether its size changes after it."""

    channels: int
    heads: int
    resized: bool


class Layers(Level):
    """Resnet, temporal convolution, and where the level attends a spatial and a temporal transformer."""

    def __init__(self, widths: Widths, inside: list[int], layout: Layout) -> None:
        super().__init__()
        channels, heads = layout.channels, layout.heads
        self.resnets = nn.ModuleList(widths.resnet(width, channels) for width in inside)
        self.conv3ds = nn.ModuleList(TemporalConv(channels) for _ in inside)
        if heads:
            self.attentions = nn.ModuleList(widths.spatial(channels, heads) for _ in inside)
            self.tempo_attns = nn.ModuleList(widths.temporal(channels) for _ in inside)
        self._attends = bool(heads)

    def _layer(self, index: int, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        hidden = self.conv3ds[index](self.resnets[index](hidden, context.embedding), context.frames)
        if not self._attends:
            return hidden
        hidden = self.attentions[index](hidden, context.frames, context.text)
        return self.tempo_attns[index](hidden, context.frames, context.text)


class DownLevel(Layers, Down):
    """A level on the way down."""

    def __init__(self, widths: Widths, inside: list[int], layout: Layout) -> None:
        super().__init__(widths, inside, layout)
        self.downsamplers = downsamplers(layout.channels, layout.resized)


class UpLevel(Layers, Up):
    """A level on the way up."""

    def __init__(self, widths: Widths, inside: list[int], layout: Layout) -> None:
        super().__init__(widths, inside, layout)
        self.upsamplers = upsamplers(layout.channels, layout.resized)


class MiddleLevel(Level):
    """Resnet, temporal convolution, spatial transformer; resnet, temporal convolution. No temporal transformer."""

    def __init__(self, widths: Widths, channels: int, heads: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(widths.resnet(channels, channels) for _ in range(2))
        self.conv3ds = nn.ModuleList(TemporalConv(channels) for _ in range(2))
        self.attentions = nn.ModuleList([widths.spatial(channels, heads)])

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        return self.layer(1, self.layer(0, hidden, context), context)

    def _layer(self, index: int, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        hidden = self.conv3ds[index](self.resnets[index](hidden, context.embedding), context.frames)
        return hidden if index else self.attentions[0](hidden, context.frames, context.text)


def down_levels(widths: Widths, channels: tuple[int, ...], heads: tuple[int, ...], layers: int) -> nn.ModuleList:
    """From the widest picture to the smallest; heads of each level, 0 where it does not attend."""
    last = len(channels) - 1
    return nn.ModuleList(
        DownLevel(widths, inside, Layout(width, heads[level], level < last))
        for level, (width, inside) in enumerate(zip(channels, widths_down(channels, layers), strict=True))
    )


def up_levels(widths: Widths, channels: tuple[int, ...], heads: tuple[int, ...], layers: int) -> nn.ModuleList:
    """From the smallest picture to the widest; heads of each level in the order of the way down."""
    last = len(channels) - 1
    return nn.ModuleList(
        UpLevel(widths, inside, Layout(channels[level], heads[level], level > 0))
        for level, inside in zip(range(last, -1, -1), widths_up(channels, layers), strict=True)
    )
