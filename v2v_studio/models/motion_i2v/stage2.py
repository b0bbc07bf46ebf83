"""Stage 2: from a first frame, a text and how the frame moves to a video (section 5 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from v2v_studio.errors import UsageError
from v2v_studio.models.layers import TextKeys, frames_first
from v2v_studio.models.motion_i2v.blocks import Size
from v2v_studio.models.motion_i2v.splat import Order, Splat, resized_flow
from v2v_studio.models.motion_i2v.unet import UNet, batched

CLEAN = 1  # the time frame 0 is embedded with: it holds the clean first frame


class VideoUNet(UNet):
    """Predicts the noise in F latents of which frame 0 is the clean first frame, moved along the flow."""

    in_channels = 4
    with_stride = False

    def splats(self, flow: torch.Tensor, size: Size, cfg_batch_order: Order = "separate") -> dict[Size, Splat]:
        """The geometry of a video's flow on every level, to give to `forward` at every step.

        Args:
            flow: (B, F, 2, H, W) in pixels, from frame 0 to each frame; index 0 is not looked at.
            size: (h, w) of the latents.
            cfg_batch_order: "separate": each entry of the batch is moved along its own flow. "released": the released
                code's order of the batch, in which guidance mixes the entries' features (section 5.2).
        """
        found = {}
        for _ in self.down_blocks:
            found[size] = Splat(resized_flow(flow[:, 1:].float(), size), cfg_batch_order)
            size = (-(-size[0] // 2), -(-size[1] // 2))
        return found

    def frame_embedding(self, timestep: torch.Tensor | int, sample: torch.Tensor) -> torch.Tensor:
        """(B, F, E) of each frame of a sample: of the time, and in frame 0 of t = 1."""
        times = batched(timestep, sample).repeat(1, sample.shape[2])
        times[:, 0] = CLEAN
        return self.embedding(times)

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor | int,
        text: torch.Tensor | TextKeys,
        splats: Mapping[Size, Splat],
    ) -> torch.Tensor:
        """One step's noise.

        Args:
            sample: (B, 4, F, h, w), frame 0 the first frame's latent. At most 16 frames with the released positions.
            timestep: of frames 1 to F - 1: one for all, or (B,).
            text: (B, L, C) hidden states of the text encoder, or their `text_keys`.
            splats: of a flow (B, F, 2, H, W) for this size.

        Returns:
            (B, 4, F, h, w).

        Raises:
            UsageError: the geometry is of another size than the sample.
        """
        size = tuple(sample.shape[3:])
        if size not in splats:
            raise UsageError(f"splats are for latents of {next(iter(splats))}, not {size}; make them for this size")
        context = self._context(self.frame_embedding(timestep, sample), text, splats)
        hidden, skips = self._encode(self.conv_in(frames_first(sample)), context)
        return self._decode(hidden, skips, context)
