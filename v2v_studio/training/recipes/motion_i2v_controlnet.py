"""The trajectory ControlNet of Motion-I2V (section 4.3 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import nn

from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.vae import SHRINK
from v2v_studio.training.draw import uniform
from v2v_studio.training.flow_diffusion import flow01_of, latents_of, noisy, told
from v2v_studio.training.flows import evenly_later
from v2v_studio.training.motion_i2v import CHANGES, Parts
from v2v_studio.training.recipe import Batch, Loss, Recipe, TrainingParams
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Sample


class ControlNetParams(TrainingParams):
    height: int = Field(320, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(320, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(3, ge=1, description="Clips at once, on each device.")
    learning_rate: float = Field(3e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    weight_decay: float = Field(1e-3, ge=0, description="Of AdamW.")
    clip: float = Field(5.0, gt=0, description="Longest gradient; longer ones are shortened to it.")
    frames: int = Field(16, ge=2, description="Of a clip, the first one too.")
    stride: int = Field(8, ge=1, description="Frames of the footage from one to the next.")
    shown: float = Field(0.5, ge=0, le=1, description="Largest share of the motion that it is shown.")
    text_drop: float = Field(0.1, ge=0, le=1, description="How often a caption is left out.")
    start: str = Field("motion-i2v", description="Where stage 1 and both autoencoders come from; folders or models.")


class MotionI2VControlNet(Recipe):
    """Trained: the ControlNet alone, a copy of stage 1's way down with its motion modules, the embedding of the control and
    13 convolutions that begin at zero. Frozen: stage 1's UNet, both autoencoders, the text encoder.

    Data: 16 frames, 8 frames of footage apart, at 320x320, with the motion from the first to each (the release: DOT's,
    worked out while it trains).

    Control: the motion in squares of 8x8 pixels, drawn anew for every batch and the same for all its clips and frames, of
    which each is shown with a probability that is itself drawn from [0, 0.5); elsewhere rest. Its latent by the autoencoder
    of flow, not scaled, and beside it a channel that is 1 where it is shown.

    Loss: mean squared error of the noise in the flow's latents, as in stage 1, all of it and not only where motion is shown.

    Left out: the caption of 1 clip in 10, for one of no words.

    Schedule: AdamW, 3e-5 constant, weight decay 1e-3, gradients no longer than 5, mixed precision; 3 clips on
    each of 8 GPUs.

    Where the released code departs:
        - It wraps the ControlNet to average gradients over GPUs and then calls it through the UNet, past the wrapper: every
          GPU trained a ControlNet of its own, and the first one's was saved. Here they are averaged.
        - It saves `.module` of a UNet that was never wrapped, and stops there. Here a run goes on where it was.
        - It shortens the gradients of all of the UNet's weights together. Here of those that are trained, which are the only
          ones to have any.
    """

    Params = ControlNetParams
    changes = CHANGES
    parts: ClassVar[Mapping[str, str]] = {
        "controlnet": "stage1/controlnet",
        "unet": "stage1/unet",
        "vae": "stage1/vae",
        "vae_flow": "stage1/vae_flow",
        "texts": "",
    }

    params: ControlNetParams

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        parts = Parts(config, self.params.start, seed)
        unet = parts.unet(MotionFieldUNet, "stage1/unet")
        return nn.ModuleDict(
            {
                "controlnet": parts.control(unet),
                "unet": unet,
                "vae": parts.picture_vae("stage1/vae"),
                "vae_flow": parts.flow_vae(),
                "texts": parts.texts(),
            }
        )

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        return [f"controlnet.{name}" for name, _ in networks["controlnet"].named_parameters()]

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params = self.params
        places = [evenly_later(sample, params.frames - 1, params.stride) for sample in samples]
        flow01 = flow01_of(samples, places, (params.height, params.width))
        made = told(networks, samples, places, flow01, params.text_drop, draw)
        return {**made, "control": self.control(networks["vae_flow"], flow01, draw)}

    def control(self, vae_flow: Any, flow01: torch.Tensor, draw: torch.Generator) -> torch.Tensor:
        """What it is shown of the motion (B, N, 2, H, W): (B, 5, N, h, w)."""
        count, frames, _, height, width = flow01.shape
        share = self.params.shown * uniform(draw)
        shown = (torch.rand(height // SHRINK, width // SHRINK, generator=draw) < share).float()
        mask = shown.repeat_interleave(SHRINK, 0).repeat_interleave(SHRINK, 1)
        latents = latents_of(vae_flow, (flow01 - 0.5) * mask + 0.5, draw)
        return torch.cat([latents, shown.to(latents).expand(count, 1, frames, -1, -1)], dim=1)

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        sample, times, noise = noisy(batch, draw)
        told = (sample, times, batch["text"], batch["stride"])
        control: Any = networks["controlnet"]
        residuals = control(*told, control.controlnet_cond_embedding(batch["control"]))
        return Loss(F.mse_loss(networks["unet"](*told, residuals).float(), noise))
