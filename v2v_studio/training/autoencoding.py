"""What the recipes of autoencoders share: reconstruction, and a posterior that stays near N(0, 1)."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import nn

from v2v_studio.training.draw import normal
from v2v_studio.training.recipe import Batch, Loss, Recipe, TrainingParams


class AutoencoderParams(TrainingParams):
    height: int = Field(320, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(512, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(4, ge=1, description="Clips at once, on each device.")
    accumulation: int = Field(4, ge=1, description="Batches whose gradients make one step.")
    learning_rate: float = Field(1e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    kl: float = Field(1e-6, ge=0, description="Weight of the posterior's divergence from N(0, 1).")


class Autoencoding(Recipe):
    """An autoencoder under `vae`, of what `batch` gives under "pictures": (B, C, H, W), as the autoencoder takes them."""

    params: AutoencoderParams

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        return [name for name, _ in networks.named_parameters()]

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        """Mean absolute error of what comes back of a sample of the posterior, and its divergence, a mean over latents."""
        vae, pictures = networks["vae"], batch["pictures"]
        posterior = vae.encode(pictures).latent_dist  # type: ignore[operator]
        noise = normal(draw, *posterior.mean.shape).to(posterior.mean)
        back = vae.decode(posterior.mean + posterior.std * noise).sample  # type: ignore[operator]
        mean, variance, logarithm = (part.float() for part in (posterior.mean, posterior.var, posterior.logvar))
        error = (back.float() - pictures).abs().mean()
        divergence = (mean.square() + variance - 1 - logarithm).mean() / 2
        return Loss(error + self.params.kl * divergence, {"error": error, "divergence": divergence})
