"""Stage 2 of Motion-I2V, video along motion (section 5.6 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import nn

from v2v_studio.models.motion_i2v.spatial import MOTION
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.schedule import scheduler
from v2v_studio.training.clips import stretched
from v2v_studio.training.draw import integers, normal, uniform
from v2v_studio.training.flows import evenly_later, flows
from v2v_studio.training.latents import latents
from v2v_studio.training.motion_i2v import CHANGES, Parts
from v2v_studio.training.noising import TIMES, noised
from v2v_studio.training.recipe import Batch, Loss, Recipe, TrainingParams
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Sample


class Stage2Params(TrainingParams):
    height: int = Field(320, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(320, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(4, ge=1, description="Clips at once, on each device.")
    learning_rate: float = Field(3e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    frames: int = Field(16, ge=2, le=16, description="Of a clip, the first one too.")
    stride: int = Field(8, ge=1, description="Frames of the footage from one to the next.")
    text_drop: float = Field(0.1, ge=0, le=1, description="How often a caption is left out.")
    pictures: bool = Field(False, description="Train the layers for pictures too, where none were trained before.")
    start: str = Field("sd15", description="Where networks come from: runs, or models of the SD1.5 family.")
    motion: str = Field("", description="Motion modules to begin with: a file of AnimateDiff's for SD1.5, version 2.")


class MotionI2VStage2(Recipe):
    """Trained: the motion modules alone, begun with AnimateDiff's (`motion`). Frozen: the layers for pictures, which are
    those of any model of the SD1.5 family and can be changed for another's afterwards; the autoencoder; the text encoder.
    With `pictures`, as `mini` has it, the whole UNet is trained: at that size nobody has trained layers for pictures.

    Data: 16 frames, 8 frames of footage apart, at 320x320, with the motion from the first to each, along which the first
    frame's features are moved (the paper: WebVid-10M's, by DOT). Frames are stretched to the size.

    Loss: mean squared error of the noise in frames 1 to 15, at a time from 0 to 999 of each clip; every time weighs the
    same, on linear betas. The first frame stands among them without noise and is told to be at time 1; it has nothing to
    predict and does not count.

    Left out: the caption of 1 clip in 10, for one of no words. The motion is never left out.

    Schedule: AdamW, 3e-5 constant, weight decay 1e-2. The paper says nothing of batch and steps; a configuration of the
    release has 4 clips a GPU, and 320x512 pixels at stride 4 instead.

    Where the released code departs: its script for this was not released. Its network moves the features of one clip of a
    batch along the motion of another; here each is moved along its own.
    """

    Params = Stage2Params
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {**CHANGES, "mini": {**CHANGES["mini"], "pictures": True}}
    parts: ClassVar[Mapping[str, str]] = {"unet": "stage2/unet", "vae": "stage2/vae", "texts": ""}

    params: Stage2Params

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        parts = Parts(config, self.params.start, seed)
        return nn.ModuleDict(
            {
                "unet": parts.unet(VideoUNet, "stage2/unet", self.params.motion),
                "vae": parts.picture_vae("stage2/vae"),
                "texts": parts.texts(),
            }
        )

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        names = [f"unet.{name}" for name, _ in networks["unet"].named_parameters()]
        return [name for name in names if self.params.pictures or MOTION in name]

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params, size = self.params, (self.params.height, self.params.width)
        clips, fields = [], []
        for sample in samples:
            places = evenly_later(sample, params.frames - 1, params.stride)
            clips.append(stretched(sample.frames[[0, *places]], *size))
            fields.append(flows(sample, places, *size))
        vae: Any = networks["vae"]
        still = np.zeros((len(samples), 1, 2, *size), np.float32)
        captions = ["" if uniform(draw) < params.text_drop else sample.caption for sample in samples]
        return {
            "latents": latents(vae, clips, draw),
            "flow": torch.from_numpy(np.concatenate([still, np.stack(fields)], axis=1)).to(vae.device),
            "text": networks["texts"](captions),
        }

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        clean, unet = batch["latents"], networks["unet"]
        times, noise = integers(draw, 0, TIMES, len(clean)), normal(draw, *clean.shape).to(clean.device)
        sample = noised(clean, noise, scheduler().alphas_cumprod[times])
        sample[:, :, 0] = clean[:, :, 0]
        splats = unet.splats(batch["flow"], tuple(clean.shape[3:]))  # type: ignore[operator]
        predicted = unet(sample, times.to(clean.device), batch["text"], splats)
        return Loss(F.mse_loss(predicted.float()[:, :, 1:], noise[:, :, 1:]))
