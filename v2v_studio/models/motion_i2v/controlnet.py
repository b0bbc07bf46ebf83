"""The trajectory ControlNet: a copy of stage 1's way down that is shown sparse motion (section 4.1 of the fact sheet)."""

from __future__ import annotations

import torch
from torch import nn

from v2v_studio.models.layers import TextKeys, frames_first
from v2v_studio.models.levels import skip_widths
from v2v_studio.models.motion_i2v.blocks import Widths
from v2v_studio.models.motion_i2v.stage1 import Residuals
from v2v_studio.models.motion_i2v.unet import Encoder, batched

CONTROL = 5  # channels: the flow VAE's latent of the sparse motion, and where it is known
HIDDEN = 512  # of the embedding, at every width of the network


class ControlEmbedding(nn.Module):
    """Two convolutions over each frame of the control; the second starts at zero."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        into = nn.Conv3d(CONTROL, HIDDEN, (1, 3, 3), padding=(0, 1, 1))
        out = nn.Conv3d(HIDDEN, channels, (1, 3, 3), padding=(0, 1, 1))
        self.layers = nn.Sequential(into, nn.SiLU(), zeroed(out))

    def forward(self, control: torch.Tensor) -> torch.Tensor:
        """control (B, 5, N, h, w) -> (B, C, N, h, w). It does not depend on the step: once a video is enough."""
        return self.layers(control)


class TrajectoryControlNet(Encoder):
    """Residuals for a MotionFieldUNet of the same sizes."""

    in_channels = 8
    with_stride = True

    def _add(self, widths: Widths, channels: tuple[int, ...], layers: int) -> None:
        self.controlnet_cond_embedding = ControlEmbedding(channels[0])
        self.controlnet_down_blocks = nn.ModuleList(
            zeroed(nn.Conv2d(width, width, 1)) for width in skip_widths(channels, layers)
        )
        self.controlnet_mid_block = zeroed(nn.Conv2d(channels[-1], channels[-1], 1))

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor | int,
        text: torch.Tensor | TextKeys,
        stride: torch.Tensor,
        control: torch.Tensor,
        scale: float = 1.0,
    ) -> Residuals:
        """What the control adds to the UNet at this step.

        Args:
            sample, timestep, text, stride: as the UNet's.
            control: (1 or B, C0, N, h, w), of `controlnet_cond_embedding`.
            scale: strength of the control.
        """
        context = self._context(self.embedding(batched(timestep, sample), stride), text)
        hidden = self.conv_in(frames_first(sample)) + frames_first(control.expand(len(sample), -1, -1, -1, -1))
        hidden, skips = self._encode(hidden, context)
        controlled = [zero(skip) * scale for zero, skip in zip(self.controlnet_down_blocks, skips, strict=True)]
        return Residuals(controlled, self.controlnet_mid_block(hidden) * scale)


def zeroed(convolution: nn.Module) -> nn.Module:
    """A convolution that changes nothing until it is trained."""
    for parameter in convolution.parameters():
        nn.init.zeros_(parameter)
    return convolution
