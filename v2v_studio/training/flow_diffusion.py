"""What stage 1 of Motion-I2V and its ControlNet are both trained on: noise in the latents of flow (section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from v2v_studio.models.motion_i2v.flow01 import flow01
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import SCALE, SHRINK, encoded
from v2v_studio.training.clips import stretched
from v2v_studio.training.draw import integers, normal, uniform
from v2v_studio.training.flows import Places, flows
from v2v_studio.training.noising import TIMES, noised
from v2v_studio.training.recipe import Batch
from v2v_studio.training.sample import Sample


class Noisy(NamedTuple):
    """One draw of time and noise for a batch.

    Attributes:
        sample: (B, 8, N, h, w), the picture's latent N times, then the noisy flow latents.
        times: (B,).
        noise: (B, 4, N, h, w), to be predicted.
    """

    sample: torch.Tensor
    times: torch.Tensor
    noise: torch.Tensor


def flow01_of(samples: Sequence[Sample], places: Sequence[Places], size: tuple[int, int]) -> torch.Tensor:
    """(B, N, 2, H, W): the motion of each sample to the frames at its places, as the autoencoder of flow takes it."""
    return flow01(torch.from_numpy(np.stack([flows(s, p, *size) for s, p in zip(samples, places, strict=True)])))


def latents_of(vae: Any, pictures: torch.Tensor, draw: torch.Generator) -> torch.Tensor:
    """(B, N, C, H, W) -> (B, 4, N, h, w): samples of the posteriors, not scaled."""
    count, frames, _, height, width = pictures.shape
    noise = normal(draw, count * frames, vae.config.latent_channels, height // SHRINK, width // SHRINK)
    found = encoded(vae, pictures.flatten(0, 1).to(vae.device), noise.to(vae.device))
    return found.unflatten(0, (count, frames)).transpose(1, 2)


def told(
    networks: nn.ModuleDict,
    samples: Sequence[Sample],
    places: Sequence[Places],
    flow01: torch.Tensor,
    text_drop: float,
    draw: torch.Generator,
) -> Batch:
    """Latents of the first frame and of the flow, scaled; the texts; the strides.

    The picture is encoded from [0, 1], not [-1, 1], as stage 1 of the release does.
    """
    size = flow01.shape[-2:]
    first = torch.from_numpy(np.stack([stretched(sample.frames[:1], *size) for sample in samples]))
    image = latents_of(networks["vae"], first, draw) * SCALE
    flow = latents_of(networks["vae_flow"], flow01, draw) * SCALE
    captions = ["" if uniform(draw) < text_drop else sample.caption for sample in samples]
    strides = np.stack([sample.indices[p] for sample, p in zip(samples, places, strict=True)])
    return {
        "image": image,
        "flow": flow,
        "text": networks["texts"](captions),
        "stride": torch.from_numpy(strides).to(flow.device),
    }


def noisy(batch: Batch, draw: torch.Generator) -> Noisy:
    """Every clip at a time from 0 to 999, all its flows alike."""
    flow = batch["flow"]
    times, noise = integers(draw, 0, TIMES, len(flow)), normal(draw, *flow.shape).to(flow.device)
    latents = noised(flow, noise, scheduler().alphas_cumprod[times])
    return Noisy(torch.cat([batch["image"].expand_as(latents), latents], dim=1), times.to(flow.device), noise)
