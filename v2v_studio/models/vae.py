"""The autoencoder of Stable Diffusion, for the frames of a video: one at a time, so memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

SCALE = 0.18215  # of the latents that are diffused; those of control go without
WIDTHS = [128, 256, 512, 512]
SHRINK = 8  # pixels a side of one latent
TILE = 512  # pixels; a picture with a side over TILED_FROM is coded in tiles of this size that overlap
TILED_FROM = 768


def autoencoder(channels: int, arch: Mapping[str, Any] | None = None) -> AutoencoderKL:
    """An autoencoder with random weights.

    Args:
        channels: 3 for pictures, 2 for flow.
        arch: what differs from the released widths (128, 256, 512, 512) and 32 groups, as AutoencoderKL names it.
    """
    levels = len((arch or {}).get("block_out_channels", WIDTHS))
    released = {
        "in_channels": channels,
        "out_channels": channels,
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "block_out_channels": WIDTHS,
        "layers_per_block": 2,
        "sample_size": TILE,
        "scaling_factor": SCALE,
    }
    return AutoencoderKL(**{**released, **(arch or {})}).eval()


@torch.no_grad()
def posterior(vae: AutoencoderKL, pictures: torch.Tensor) -> DiagonalGaussianDistribution:
    """What the encoder makes of pictures: a normal distribution for each latent, its log variance within [-30, 20].

    Args:
        pictures: (T, C, H, W), H and W divisible by 8; in the range that the model wants: [-1, 1], [0, 1], or flow01.

    Returns:
        mean and std of shape (T, 4, H / 8, W / 8), of the autoencoder's type.
    """
    _set_tiling(vae, pictures.shape[-2:])
    each = [vae.encode(picture.to(vae.dtype)).latent_dist.parameters for picture in pictures.split(1)]
    return DiagonalGaussianDistribution(torch.cat(each))


def encoded(vae: AutoencoderKL, pictures: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """A sample of the posterior for each picture, mean + std * noise, not yet scaled: as released, never the mean.

    Args:
        pictures: as `posterior` takes them.
        noise: (T, 4, H / 8, W / 8), from N(0, 1).

    Returns:
        (T, 4, H / 8, W / 8), of the pictures' type.
    """
    normal = posterior(vae, pictures)
    return normal.mean.to(pictures.dtype) + normal.std.to(pictures.dtype) * noise.to(pictures.dtype)


def decoded(vae: AutoencoderKL, latents: torch.Tensor) -> Iterator[torch.Tensor]:
    """Pictures (C, H, W) one after the other, from latents (T, 4, H / 8, W / 8) without their scale. Not clamped."""
    h, w = latents.shape[-2:]
    for latent in latents:
        with torch.no_grad():
            _set_tiling(vae, (SHRINK * h, SHRINK * w))
            yield vae.decode(latent[None].to(vae.dtype)).sample[0].to(latents.dtype)


def _set_tiling(vae: AutoencoderKL, size: tuple[int, ...]) -> None:
    """Tiles change the picture slightly (each is normalised by itself), so they are for what would not fit otherwise."""
    vae.use_tiling = max(size) > TILED_FROM
    vae.tile_sample_min_size, vae.tile_latent_min_size = TILE, TILE // SHRINK
