"""The text-to-video UNet of ModelScope with SMCD's gates, under the names of the released checkpoints (section 2)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import nn

from v2v_studio.models.layers import frames_first, frames_last
from v2v_studio.models.smcd.context import Context, Kept
from v2v_studio.models.smcd.layout import Layout
from v2v_studio.models.smcd.trainable import Stage, trainable
from v2v_studio.models.smcd.transformers import SpatialBlock


class Encoder(ModelMixin, ConfigMixin):  # type: ignore[misc]  # diffusers' own pair
    """What UNet and ControlNet share: the embedding of the time, and the way down."""

    _supports_gradient_checkpointing = True

    def _add_encoder(self, layout: Layout, in_channels: int) -> list[int]:
        """Its parts; gives the widths of the skips."""
        self._dim, embedding = layout.dim, layout.embedding
        self.time_embed = nn.Sequential(nn.Linear(layout.dim, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        self.input_blocks, skips = layout.down(in_channels)
        return skips

    def embedded(self, timestep: torch.Tensor | int, batch: int) -> torch.Tensor:
        """(B, E) of one time for all, or one for each entry."""
        times = torch.as_tensor(timestep, device=self.device).reshape(-1).expand(batch)
        return self.time_embed(waves(times, self._dim).to(self.dtype))

    def kept(
        self,
        text: torch.Tensor,
        boxes: torch.Tensor | None = None,
        image: torch.Tensor | None = None,
        masks: torch.Tensor | None = None,
    ) -> Kept:
        """All that a network makes of what it is told and that does not change from step to step.

        Args:
            text: (B, L, C), hidden states of the text encoder.
            boxes: (B F, N, C), tokens of the position net. None: no gate is passed.
            image: (B F, V, C), tokens of the visual encoder, or (B, V, C) where all frames of an entry have the same.
            masks: (B F, N), which objects are there; only the ablation gates "double" and "merge" look.
        """
        kept: Kept = {}
        for block in (module for module in self.modules() if isinstance(module, SpatialBlock)):
            kept[block.attn2] = block.attn2.keys(text)
            if block.gate_attn is not None and boxes is not None:
                kept[block.gate_attn] = block.gate_attn.keys(boxes, image, masks)
        return kept

    def trainable(self, stage: Stage) -> list[str]:
        """The names of the weights that a stage of training trains."""
        return trainable(self, stage)


class UNet(Encoder):
    """Predicts the noise in the latents of a video.

    Args:
        in_channels: 8 with the first frame's latent beside each frame's; 4 without it.
        dim, dim_mult: width of the first level, and its multiple at each level; all are multiples of 32.
        layers: of a level on the way down.
        attn_scales: scales of the picture at which a level has transformers.
        heads, head_dim: heads of the first temporal transformer, and channels of every head.
        text_dim, box_dim, image_dim: channels of the tokens of text, boxes and image.
        gate: of gates.GATES; None is ModelScope's own network.
        with_control: takes the maps of a ControlNet.
        pictures: for single pictures, as in stage 1 of training: nothing passes from frame to frame.
    """

    @register_to_config
    def __init__(
        self,
        in_channels: int = 8,
        dim: int = 320,
        dim_mult: tuple[int, ...] = (1, 2, 4, 4),
        layers: int = 2,
        attn_scales: tuple[float, ...] = (1.0, 0.5, 0.25),
        heads: int = 8,
        head_dim: int = 64,
        text_dim: int = 1024,
        box_dim: int = 1024,
        image_dim: int = 1024,
        gate: str | None = "vanilla_cross_vision",
        with_control: bool = False,
        pictures: bool = False,
    ) -> None:
        super().__init__()
        layout = Layout(
            dim, tuple(dim_mult), layers, tuple(attn_scales), heads, head_dim, text_dim, gate, box_dim, image_dim
        )
        skips = self._add_encoder(layout, in_channels)
        self.middle_block = layout.middle()
        self.output_blocks = layout.up(skips, 2 if with_control else 1)
        self.out = nn.Sequential(nn.GroupNorm(32, dim), nn.SiLU(), nn.Conv2d(dim, 4, 3, padding=1))

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor | int,
        kept: Kept,
        control: Sequence[torch.Tensor] = (),
    ) -> torch.Tensor:
        """One step's noise.

        Args:
            sample: (B, in_channels, F, h, w); h and w divisible by 2 at every level but the last.
            timestep: one for all, or (B,).
            kept: of text, boxes and image, by `kept`.
            control: the maps of a ControlNet, (B F, C, h, w), in its order.

        Returns:
            (B, 4, F, h, w).
        """
        frames = sample.shape[2]
        context = Context(self.embedded(timestep, len(sample)), kept, frames, self.config["pictures"])
        hidden, skips, maps = frames_first(sample), [], list(control)
        for block in self.input_blocks:
            hidden = block(hidden, context)
            skips.append(hidden)
        hidden = self.middle_block(hidden, context)
        for block in self.output_blocks:
            beside = [skips.pop(), *([maps.pop()] if maps else [])]
            hidden = block(torch.cat([hidden, *beside], dim=1), context)
        return frames_last(self.out(hidden), frames)


def waves(times: torch.Tensor, channels: int) -> torch.Tensor:
    """Times (B,) -> (B, channels): cosines, then sines, of angles t / 10000^(i / half); a zero where the width is odd.

    diffusers has the same with an exponential of logarithms, whose rounding t = 1000 widens to 6e-5.
    """
    half = channels // 2
    frequencies = torch.pow(10000, -torch.arange(half, dtype=torch.float32, device=times.device) / half)
    angles = times.float()[:, None] * frequencies
    return F.pad(torch.cat([angles.cos(), angles.sin()], dim=1), (0, channels % 2))
