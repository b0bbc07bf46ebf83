"""The residual block and the changes of size (sections 2.2 and 2.3 of the fact sheet)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

import torch
import torch.nn.functional as F
from diffusers.models.resnet import TemporalConvLayer
from torch import nn

from v2v_studio.models.smcd.context import Context, by_frame, by_pixel

DROPOUT = 0.1  # as trained


class TemporalConvolution(TemporalConvLayer):
    """Four convolutions along the frames, each after a norm of all frames together, and what came in.

    diffusers' layer, with its names; run on pixels as they lie in memory instead of planes, which would be copies.
    """

    def forward(self, hidden: torch.Tensor, frames: int) -> torch.Tensor:  # type: ignore[override]
        """hidden (B F, C, H, W) -> the same shape."""
        video = by_frame(hidden, frames)
        for *before, convolution in (self.conv1, self.conv2, self.conv3, self.conv4):
            for layer in before:
                video = layer(video)
            video = F.conv2d(video, convolution.weight[..., 0], convolution.bias, padding=(1, 0))  # type: ignore
        return hidden + by_pixel(video, hidden.shape[2:])


class ResBlock(nn.Module):
    """Two convolutions of each frame with the time's embedding between, what came in, and the temporal convolutions.

    Args:
        inside, outside: channels before and after.
        embedding: channels of the time's embedding.
    """

    def __init__(self, inside: int, outside: int, embedding: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(32, inside), nn.SiLU(), nn.Conv2d(inside, outside, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, outside))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(32, outside), nn.SiLU(), nn.Dropout(DROPOUT), nn.Conv2d(outside, outside, 3, padding=1)
        )
        self.skip_connection = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        self.temopral_conv = TemporalConvolution(outside, outside, DROPOUT)  # so spelt in every released checkpoint

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        """hidden (B F, inside, H, W) -> (B F, outside, H, W)."""
        embedded = self.emb_layers(context.embedding)
        embedded = embedded.repeat_interleave(len(hidden) // len(embedded), dim=0)
        made = self.out_layers(self.in_layers(hidden) + embedded[:, :, None, None])
        made = self.skip_connection(hidden) + made
        return made if context.still else self.temopral_conv(made, context.frames)


class Down(nn.Module):
    """Half the size, by a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, hidden: torch.Tensor, context: Context | None = None) -> torch.Tensor:
        return self.op(hidden)


class Up(nn.Module):
    """Twice the size, every pixel repeated, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, hidden: torch.Tensor, context: Context) -> torch.Tensor:
        return self.conv(F.interpolate(hidden, scale_factor=2, mode="nearest"))
