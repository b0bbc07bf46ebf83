"""Image tokens: the first frame's latent through a small residual network (section 4.2 of the fact sheet)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import nn

from v2v_studio.models.smcd.blocks import Down


class Block(nn.Module):
    """(Half the size,) another width, and a residual of two convolutions; no norms."""

    def __init__(self, inside: int, channels: int, shrink: bool) -> None:
        super().__init__()
        if shrink:
            self.down_opt = Down(inside)
        self.in_conv = nn.Conv2d(inside, channels, 3, padding=1)
        self.block1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.block2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.shrink = shrink

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if self.shrink:
            hidden = self.down_opt(hidden)
        hidden = self.in_conv(hidden)
        return hidden + self.block2(F.relu(self.block1(hidden)))


class VisualEncoder(ModelMixin, ConfigMixin):  # type: ignore[misc]  # diffusers' own pair
    """Stages of blocks, each stage after the first at half the size.

    Args:
        channels: width of each stage; the last one's is that of the tokens.
        layers: blocks of a stage.
        in_channels: of the latent.
    """

    @register_to_config
    def __init__(
        self, channels: tuple[int, ...] = (256, 512, 1024, 1024), layers: int = 3, in_channels: int = 4
    ) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(in_channels, channels[0], 3, padding=1)
        blocks, inside = [], channels[0]
        for stage, width in enumerate(channels):
            for layer in range(layers):
                blocks.append(Block(inside, width, shrink=stage > 0 and layer == 0))
                inside = width
        self.body = nn.ModuleList(blocks)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """latent (B, 4, h, w), scaled -> (B, C, h / 8, w / 8) with four stages. Zeros give a token that is not zero."""
        hidden = self.conv_in(latent)
        for block in self.body:
            hidden = block(hidden)
        return hidden


def as_tokens(features: torch.Tensor) -> torch.Tensor:
    """(B, C, h, w) -> (B, h w, C), row by row."""
    return features.flatten(2).transpose(1, 2)
