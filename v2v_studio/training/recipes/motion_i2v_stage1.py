"""Stage 1 of Motion-I2V, the motion field predictor, in its three phases (section 3.3 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from torch import nn

from v2v_studio.models.motion_i2v.spatial import MOTION
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.training.flow_diffusion import flow01_of, noisy, told
from v2v_studio.training.flows import evenly_later, some_later
from v2v_studio.training.motion_i2v import CHANGES, Parts
from v2v_studio.training.recipe import Batch, Loss, Recipe, TrainingParams
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Sample

Phase = Literal["single-flow", "temporal", "full"]
PHASES: Mapping[Phase, Mapping[str, Any]] = {  # what the paper and its configurations have otherwise in each
    "single-flow": {"batch": 8, "width": 512},
    "temporal": {"batch": 2, "width": 320},
    "full": {"batch": 2, "width": 512, "gradient_checkpointing": True},
}


class Stage1Params(TrainingParams):
    phase: Phase = Field("single-flow", description="What is trained: see the recipe.")
    height: int = Field(320, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(512, multiple_of=8, ge=16, description="Of the pictures; 320 in the phase temporal.")
    batch: int = Field(8, ge=1, description="Clips at once, on each device; 2 in the phases temporal and full.")
    learning_rate: float = Field(3e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    frames: int = Field(16, ge=2, description="Of a clip, the first one too; in the phase single-flow two.")
    stride: int = Field(8, ge=1, description="Frames of the footage from one to the next.")
    longest: int = Field(120, ge=1, description="In the phase single-flow: most frames between the two of a pair.")
    text_drop: float = Field(0.1, ge=0, le=1, description="How often a caption is left out.")
    start: str = Field(
        "sd15",
        description="Where networks come from: runs or models; in the phase single-flow one is of the SD1.5 family.",
    )
    motion: str = Field("", description="Motion modules to begin with: a file of AnimateDiff's for SD1.5, version 2.")

    @model_validator(mode="before")
    @classmethod
    def _of_the_phase(cls, values: dict[str, Any]) -> dict[str, Any]:
        phase = values.get("phase", cls.model_fields["phase"].default)
        return {**PHASES.get(phase, {}), **values}


class MotionI2VStage1(Recipe):
    """Trained: phase by phase, each from the UNet of the one before (`start`):
        single-flow  all but the motion modules, which change nothing yet: Stable Diffusion 1.5's layers with a first
                     convolution of 8 channels, the added ones zero, and the embedding of the stride
        temporal     the motion modules alone, begun with AnimateDiff's (`motion`)
        full         everything
    Frozen: both autoencoders and the text encoder.

    Data: the motion from the first frame of a clip to later ones. single-flow: to any one of the 120 after it, at 320x512
    (the paper: WebVid's, by FlowFormer++). temporal and full: to 15, 8 frames of footage apart or evenly over a shorter
    clip, at 320x320 and at 320x512 (by DOT). Frames are stretched to the size. The network is told how many frames of the
    footage lie between the first and each.

    Loss: mean squared error of the noise in the flow's latents, at a time from 0 to 999 of each clip; every time weighs the
    same, on linear betas. Beside them, in each of N places, stands the first frame's latent without noise.

    Left out: the caption of 1 clip in 10, for one of no words.

    Schedule: AdamW, 3e-5 constant, weight decay 1e-2. single-flow: 8 pairs on each of 32 GPUs, 160,000 steps; temporal:
    2 clips, 150,000 steps; full: 2 clips, gradient checkpointing, mixed precision; its steps are not known.

    Where the released code departs: its script for this was not released, and configurations for older runs differ (pairs up
    to 90 frames apart, batches of 1). Which half of the first convolution got Stable Diffusion's weights is not known:
    here that which reads the noisy latents, which they read before.
    """

    Params = Stage1Params
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {
        **CHANGES,
        "mini": {**CHANGES["mini"], "gradient_checkpointing": False},
    }
    parts: ClassVar[Mapping[str, str]] = {
        "unet": "stage1/unet",
        "vae": "stage1/vae",
        "vae_flow": "stage1/vae_flow",
        "texts": "",
    }

    params: Stage1Params

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        parts = Parts(config, self.params.start, seed)
        return nn.ModuleDict(
            {
                "unet": parts.unet(MotionFieldUNet, "stage1/unet", self.params.motion),
                "vae": parts.picture_vae("stage1/vae"),
                "vae_flow": parts.flow_vae(),
                "texts": parts.texts(),
            }
        )

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        phase, names = self.params.phase, [f"unet.{name}" for name, _ in networks["unet"].named_parameters()]
        return [name for name in names if phase == "full" or (MOTION in name) == (phase == "temporal")]

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params = self.params
        if params.phase == "single-flow":
            places = [some_later(sample, params.longest, draw) for sample in samples]
        else:
            places = [evenly_later(sample, params.frames - 1, params.stride) for sample in samples]
        flow01 = flow01_of(samples, places, (params.height, params.width))
        return told(networks, samples, places, flow01, params.text_drop, draw)

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        sample, times, noise = noisy(batch, draw)
        predicted = networks["unet"](sample, times, batch["text"], batch["stride"])
        return Loss(F.mse_loss(predicted.float(), noise))
