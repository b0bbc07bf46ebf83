"""Stage 1: from a picture and a text to how the picture moves (section 3 of the fact sheet)."""

from __future__ import annotations

from typing import NamedTuple

import torch

from v2v_studio.models.layers import TextKeys, frames_first
from v2v_studio.models.motion_i2v.unet import UNet, batched


class Residuals(NamedTuple):
    """What a ControlNet adds to a UNet: to each skip, (B N, C, h, w) in the order they are made, and to the middle."""

    skips: list[torch.Tensor]
    middle: torch.Tensor


class MotionFieldUNet(UNet):
    """Predicts the noise in N flow latents, given the image's latent, a text and N strides."""

    in_channels = 8
    with_stride = True

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor | int,
        text: torch.Tensor | TextKeys,
        stride: torch.Tensor,
        residuals: Residuals | None = None,
    ) -> torch.Tensor:
        """One step's noise.

        Args:
            sample: (B, 8, N, h, w): the image's latent, repeated N times, then the noisy flow latents.
            timestep: one for all, or (B,).
            text: (B, L, C) hidden states of the text encoder, or their `text_keys`.
            stride: (1 or B, N), frames between the reference and each frame; 8, 16, ... in the release.
            residuals: of the trajectory ControlNet for the same sample, time, text and stride.

        Returns:
            (B, 4, N, h, w).
        """
        context = self._context(self.embedding(batched(timestep, sample), stride), text)
        hidden, skips = self._encode(self.conv_in(frames_first(sample)), context)
        if residuals is not None:
            skips = [skip + more for skip, more in zip(skips, residuals.skips, strict=True)]
            hidden = hidden + residuals.middle
        return self._decode(hidden, skips, context)
