"""SMCD's second stage: the first frame, and movement (Li et al., ECCV 2024; section 9 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import nn

from v2v_studio.models.smcd.denoiser import beside
from v2v_studio.models.smcd.params import BASE
from v2v_studio.models.smcd.schedule import alphas_cumprod
from v2v_studio.models.smcd.visual_encoder import as_tokens
from v2v_studio.training.clips import boxed, spaced, stretched
from v2v_studio.training.draw import integers, normal
from v2v_studio.training.noising import TIMES, left_out, noised
from v2v_studio.training.recipe import Batch, Config, Loss, Recipe, TrainingParams
from v2v_studio.training.sample import Sample
from v2v_studio.training.slots import slots
from v2v_studio.training.smcd import PARTS, Parts, box_tokens, noise_loss, told, trained


class SMCDImageParams(TrainingParams):
    height: int = Field(256, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(256, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(4, ge=1, description="Clips at once, on each device.")
    accumulation: int = Field(4, ge=1, description="Batches whose gradients make one step.")
    learning_rate: float = Field(5e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    frames: int = Field(8, ge=2, description="Of a clip, one after the other.")
    slots: int = Field(8, ge=1, description="Objects a clip, the first, and free ones.")
    text_drop: float = Field(
        0.1, ge=0, le=1, description="How often a caption is left out; the released code never does."
    )
    box_drop: float = Field(0.1, ge=0, le=1, description="How often all boxes of a batch are left out.")
    image_drop: float = Field(
        0.25, ge=0, le=1, description="How often nothing stands beside the noisy latents of a batch."
    )
    token_drop: float = Field(0.1, ge=0, le=1, description="How often the visual encoder of a batch is shown nothing.")
    whole: bool = Field(False, description="Train the text-to-video network too, where nobody has trained one before.")
    start: str = Field(BASE, description="Where networks come from: the first stage's run, and after a comma this.")


class SMCDImage(Recipe):
    """Trained: the visual encoder; in every gate the attention to its tokens (`cross_*`, `v_linear`); the first convolution,
    which now reads the first frame's latent too, by weights that begin at 0; the blocks of all temporal transformers but the
    very first, without their norms and projections. Frozen: all else of the UNet, the gates to the boxes and the position
    net that stage 1 trained, autoencoder and text encoder. With `whole`, as `mini` has it, all of the UNet is trained.

    Data: 8 frames of video, one after the other, with boxes and a phrase for each object (the paper: GOT-10K, with "A
    {object} that is {motion}. " for a caption, and YouTube-VIS 2021); the whole picture brought to 256x256, whatever its
    shape; the first 8 objects.

    Loss: mean squared error of the noise in all 8 frames, at a time from 0 to 999 of each clip; every time weighs the same
    (no min-SNR), on Stable Diffusion's scaled-linear betas, and frames share no noise. The first frame, without noise,
    stands beside the noisy latents of every frame, and its tokens are attended to; it is itself predicted like the others.

    Left out, each by itself: the caption of 1 clip in 10, for one of no words; all boxes of 1 batch in 10, every slot free;
    the latent beside the noisy ones, of 1 batch in 4; what the visual encoder is shown, of 1 in 10.

    Schedule: AdamW, 5e-5 constant, weight decay 1e-2, gradients no longer than 1, float16; 60,000 steps of 4 times 4 clips.
    Dropout of 0.1 in the residual blocks, of the frozen ones too.

    Where the released code departs:
        - It never leaves a caption out at this stage, as the paper says it does (and does not say how often). Here 1 in 10.
        - Its training imports a module that was not released.
    """

    Params = SMCDImageParams
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {
        "toy": {
            "start": "",
            "height": 32,
            "width": 32,
            "batch": 2,
            "accumulation": 1,
            "frames": 3,
            "slots": 4,
            "learning_rate": 3e-3,
        },
        "mini": {
            "start": "",
            "height": 128,
            "width": 128,
            "batch": 4,
            "accumulation": 2,
            "learning_rate": 3e-4,
            "whole": True,
        },
    }
    parts: ClassVar[Mapping[str, str]] = {**PARTS, "visual_encoder": "visual_encoder"}

    params: SMCDImageParams

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        return Parts("stage2", config, self.params.start, seed).all()

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        unet: Any = networks["unet"]
        own = [f"unet.{name}" for name in trained(unet, "stage2", self.params.whole)]
        return own + [f"visual_encoder.{name}" for name, _ in networks["visual_encoder"].named_parameters()]

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params, clips, objects, captions = self.params, [], [], []
        for sample in samples:
            chosen = spaced(sample, params.frames, 1, draw)
            clips.append(stretched(sample.frames[chosen], params.height, params.width))
            objects.append(slots(boxed(sample).part(int(chosen[0]), int(chosen[-1]) + 1), params.slots))
            captions.append("" if left_out(draw, params.text_drop) else sample.caption)
        return told(networks, clips, captions, objects, draw)

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        clean, params = batch["latents"], self.params
        first = clean[:, :, 0]
        times = integers(draw, 0, TIMES, len(clean))
        noise, kept = normal(draw, *clean.shape).to(clean.device), alphas_cumprod()[times]
        no_boxes, no_image, no_tokens = (
            left_out(draw, often) for often in (params.box_drop, params.image_drop, params.token_drop)
        )
        boxes = box_tokens(networks["position_net"], batch, no_boxes)
        image = as_tokens(networks["visual_encoder"](0 * first if no_tokens else first))
        sample = beside(noised(clean, noise, kept), 0 * first if no_image else first)
        return Loss(noise_loss(networks["unet"], sample, times.to(clean.device), noise, batch["text"], boxes, image))
