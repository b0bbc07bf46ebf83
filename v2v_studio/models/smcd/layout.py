"""Which layers a network has, in the release's order (section 2.2, and the layout in general in section 16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from v2v_studio.models.smcd.blocks import Down, ResBlock, Up
from v2v_studio.models.smcd.context import Context
from v2v_studio.models.smcd.gates import GATES
from v2v_studio.models.smcd.transformers import SpatialTransformer, TemporalTransformer


class Layers(nn.ModuleList):
    """Layers one after the other; a convolution is told nothing besides."""

    gradient_checkpointing = False  # both are set by ModelMixin.enable_gradient_checkpointing
    _gradient_checkpointing_func: Callable[..., torch.Tensor]

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        if self.gradient_checkpointing and torch.is_grad_enabled():
            return self._gradient_checkpointing_func(self._through, hidden, context)
        return self._through(hidden, context)

    def _through(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        for layer in self:
            hidden = layer(hidden) if isinstance(layer, nn.Conv2d) else layer(hidden, context)
        return hidden


@dataclass(frozen=True)
class Layout:
    """Sizes that all layers of a network share.

    Attributes:
        dim: width of the first level.
        multiples: of it, the width of each level.
        layers: of a level on the way down; the way up has one more.
        attention: scales of the picture (1, 1/2, ...) at which a level has transformers; the middle has them always.
        heads: of the first temporal transformer; all others have as many as their width holds.
        head_dim: channels of a head.
        text: channels of the text's tokens.
        gate: of gates.GATES, or None for a network without.
        boxes, image: channels of the tokens of boxes and image.
    """

    dim: int
    multiples: tuple[int, ...]
    layers: int
    attention: tuple[float, ...]
    heads: int
    head_dim: int
    text: int
    gate: str | None = None
    boxes: int = 0
    image: int = 0

    @property
    def embedding(self) -> int:
        """Channels of the time's embedding."""
        return 4 * self.dim

    def down(self, in_channels: int) -> tuple[nn.ModuleList, list[int]]:
        """The way down for so many channels, and the widths of what the way up skips to: the result of each block."""
        first = [
            nn.Conv2d(in_channels, self.dim, 3, padding=1),
            TemporalTransformer(self.dim, self.heads, self.head_dim),
        ]
        blocks: list[nn.Module] = [Layers(first)]
        skips = [self.dim]
        for level, multiple in enumerate(self.multiples):
            width = self.dim * multiple
            for _ in range(self.layers):
                blocks.append(Layers(self._layer(skips[-1], width, level)))
                skips.append(width)
            if level < len(self.multiples) - 1:
                blocks.append(Down(width))
                skips.append(width)
        return nn.ModuleList(blocks), skips

    def middle(self) -> Layers:
        width = self.dim * self.multiples[-1]
        return Layers([self._res(width, width), *self._transformers(width), self._res(width, width)])

    def up(self, skips: list[int], times: int) -> nn.ModuleList:
        """The way up, each block of which takes off the skips, and as many maps of a ControlNet where `times` is 2."""
        skips, blocks = list(skips), []
        before = self.dim * self.multiples[-1]
        for level, multiple in reversed(list(enumerate(self.multiples))):
            for index in range(self.layers + 1):
                width = self.dim * multiple
                layers = self._layer(before + times * skips.pop(), width, level)
                grow = level > 0 and index == self.layers
                blocks.append(Layers([*layers, Up(width)] if grow else layers))
                before = width
        return nn.ModuleList(blocks)

    def _layer(self, inside: int, width: int, level: int) -> list[nn.Module]:
        attends = 0.5**level in self.attention
        return [self._res(inside, width), *(self._transformers(width) if attends else [])]

    def _res(self, inside: int, width: int) -> ResBlock:
        return ResBlock(inside, width, self.embedding)

    def _transformers(self, width: int) -> list[nn.Module]:
        heads = width // self.head_dim
        gate = None
        if self.gate is not None:
            gate = GATES[self.gate](heads * self.head_dim, heads, self.head_dim, self.boxes, self.image)
        spatial = SpatialTransformer(width, heads, self.head_dim, self.text, gate)
        return [spatial, TemporalTransformer(width, heads, self.head_dim)]
