"""The ControlNet ablation: the first frame through a copy of the way down, instead of gates (section 5)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

import torch
from diffusers.configuration_utils import register_to_config
from torch import nn

from v2v_studio.models.layers import frames_first
from v2v_studio.models.smcd.context import Context, Kept
from v2v_studio.models.smcd.layout import Layout
from v2v_studio.models.smcd.unet import Encoder


class ControlNet(Encoder):
    """A way down that the first frame's latent is added to; what it makes goes beside the UNet's skips.

    Args: as of `UNet`. It has no middle, and no gates.
    """

    @register_to_config
    def __init__(
        self,
        in_channels: int = 4,
        dim: int = 320,
        dim_mult: tuple[int, ...] = (1, 2, 4, 4),
        layers: int = 2,
        attn_scales: tuple[float, ...] = (1.0, 0.5, 0.25),
        heads: int = 8,
        head_dim: int = 64,
        text_dim: int = 1024,
    ) -> None:
        super().__init__()
        layout = Layout(dim, tuple(dim_mult), layers, tuple(attn_scales), heads, head_dim, text_dim)
        skips = self._add_encoder(layout, in_channels)
        self.input_hint_block = nn.Conv2d(4, dim, 3, padding=1)
        self.zero_convs = nn.ModuleList(nn.Conv2d(width, width, 1) for width in skips)
        for convolution in (self.input_hint_block, *self.zero_convs):
            nn.init.zeros_(convolution.weight)  # a new one changes nothing
            nn.init.zeros_(convolution.bias)

    def forward(
        self, sample: torch.Tensor, timestep: torch.Tensor | int, kept: Kept, hint: torch.Tensor
    ) -> list[torch.Tensor]:
        """Maps (B F, C, h, w), one for each skip of the UNet.

        Args:
            sample: (B, 4, F, h, w), noisy latents alone.
            timestep, kept: as of `UNet.forward`.
            hint: (B, 4, h, w), the first frame's latent.
        """
        frames = sample.shape[2]
        context = Context(self.embedded(timestep, len(sample)), kept, frames)
        hidden, maps = frames_first(sample), []
        for index, (block, zero) in enumerate(zip(self.input_blocks, self.zero_convs, strict=True)):
            hidden = block(hidden, context)
            if index == 0:
                hidden = hidden + self.input_hint_block(hint).repeat_interleave(frames, dim=0)
            maps.append(zero(hidden))
        return maps
