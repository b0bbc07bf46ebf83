"""Latents that are diffused, of the pictures of clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from v2v_studio.models.vae import SCALE, SHRINK, encoded
from v2v_studio.training.draw import normal
from v2v_studio.types import Array


def latents(vae: Any, clips: Sequence[Array], draw: torch.Generator) -> torch.Tensor:
    """Clips (F, 3, H, W) in [0, 1] -> (B, 4, F, H / 8, W / 8), samples of their posteriors, scaled."""
    frames = torch.from_numpy(np.concatenate(clips)).to(vae.device) * 2 - 1
    h, w = (side // SHRINK for side in frames.shape[2:])
    noise = normal(draw, len(frames), vae.config.latent_channels, h, w).to(vae.device)
    return (encoded(vae, frames, noise) * SCALE).unflatten(0, (len(clips), -1)).transpose(1, 2)
