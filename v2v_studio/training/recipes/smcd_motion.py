"""SMCD's first stage: where objects are (Li et al., ECCV 2024; section 9 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import nn

from v2v_studio.models.smcd.params import BASE
from v2v_studio.models.smcd.schedule import alphas_cumprod
from v2v_studio.training.clips import square, stretched
from v2v_studio.training.draw import integers, normal
from v2v_studio.training.noising import TIMES, left_out, noised
from v2v_studio.training.recipe import Batch, Config, Loss, Recipe, TrainingParams
from v2v_studio.training.sample import Sample
from v2v_studio.training.slots import slots
from v2v_studio.training.smcd import PARTS, Parts, box_tokens, noise_loss, told, trained


class SMCDMotionParams(TrainingParams):
    height: int = Field(256, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(256, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(64, ge=1, description="Pictures at once, over all devices.")
    learning_rate: float = Field(3e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    slots: int = Field(30, ge=1, description="Objects a picture, the largest, and free ones.")
    crop: float = Field(
        0.9, gt=0, le=1, description="Smallest side of a picture's square, as a share of its shorter one."
    )
    text_drop: float = Field(0.5, ge=0, le=1, description="How often a caption is left out.")
    box_drop: float = Field(0.1, ge=0, le=1, description="How often all boxes of a batch are left out.")
    whole: bool = Field(False, description="Train the text-to-video network too, where nobody has trained one before.")
    start: str = Field(BASE, description="Where networks come from: runs, the text-to-video model.")


class SMCDMotion(Recipe):
    """Trained: the position net, and in every spatial block the gate to the boxes (`gate_attn`), whose tanh begins at 0.
    Frozen: all else of the text-to-video UNet that it begins from, autoencoder and text encoder. With `whole`, as `mini` has
    it, all of the UNet that a picture passes through is trained: at that size there is none to begin from.

    Data: pictures with boxes and a phrase for each (the paper: Flickr30k, SBU and GQA as GLIGEN has them); here a frame of a
    clip in which an object is to be seen. A square of 0.9 to 1 of the shorter side, at 256x256, not mirrored; the 30 largest
    objects. Nothing passes from frame to frame: temporal attention and convolutions are left out.

    Loss: mean squared error of the noise, at a time from 0 to 999 of each picture; every time weighs the same (no min-SNR),
    on Stable Diffusion's scaled-linear betas. The network is shown no first frame.

    Left out: the caption of 1 picture in 2, for one of no words; all boxes of 1 batch in 10, every slot free.

    Schedule: AdamW, 3e-5 constant, weight decay 1e-2, gradients no longer than 1, float16; batches of 64, at most 200,000
    steps. Dropout of 0.1 in the residual blocks, of the frozen ones too.

    Where the released code departs:
        - Its loader has phrases of 768 channels, by another text encoder, and tokens padded otherwise: it stops at the
          position net, which reads 1024. Here phrases are read by the encoder that reads prompts, when rendering and when
          training alike.
        - Its training imports a module that was not released.
    """

    Params = SMCDMotionParams
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {
        "toy": {"start": "", "height": 32, "width": 32, "batch": 4, "slots": 4, "learning_rate": 3e-3},
        "mini": {
            "start": "",
            "height": 128,
            "width": 128,
            "batch": 16,
            "slots": 8,
            "learning_rate": 3e-4,
            "whole": True,
        },
    }
    parts: ClassVar[Mapping[str, str]] = PARTS

    params: SMCDMotionParams

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        return Parts("stage1", config, self.params.start, seed).all()

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        unet: Any = networks["unet"]
        gates = [f"unet.{name}" for name in trained(unet, "stage1", self.params.whole)]
        return gates + [f"position_net.{name}" for name, _ in networks["position_net"].named_parameters()]

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params, pictures, objects, captions = self.params, [], [], []
        for sample in samples:
            picture, boxes = square(sample, params.crop, draw)
            pictures.append(stretched(picture, params.height, params.width))
            objects.append(slots(boxes, params.slots, largest_first=True))
            captions.append("" if left_out(draw, params.text_drop) else sample.caption)
        return told(networks, pictures, captions, objects, draw)

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        clean = batch["latents"]
        times = integers(draw, 0, TIMES, len(clean))
        noise, kept = normal(draw, *clean.shape).to(clean.device), alphas_cumprod()[times]
        boxes = box_tokens(networks["position_net"], batch, left_out(draw, self.params.box_drop))
        noisy = noised(clean, noise, kept)
        return Loss(noise_loss(networks["unet"], noisy, times.to(clean.device), noise, batch["text"], boxes))
