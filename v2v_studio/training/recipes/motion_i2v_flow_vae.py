"""The autoencoder of flow, Motion-I2V's first training (Shi et al., SIGGRAPH 2024; section 2 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import nn

from v2v_studio.models.motion_i2v.flow01 import flow01
from v2v_studio.training.autoencoding import AutoencoderParams, Autoencoding
from v2v_studio.training.flows import flows, some_later
from v2v_studio.training.motion_i2v import Parts
from v2v_studio.training.recipe import Batch
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Sample


class FlowVAEParams(AutoencoderParams):
    longest: int = Field(
        150, ge=1, description="Most frames of the footage between the two of a pair; 1 is the fewest."
    )


class MotionI2VFlowVAE(Autoencoding):
    """Trained: the whole autoencoder of flow, 2 channels in and out, 4 of latents; nothing is frozen. It begins with weights
    that are drawn, or with those of `start`.

    Data: pairs of frames, the first and any of the 150 after it, and the motion from one to the other (the paper: WebVid's,
    by FlowFormer++), at 320x512; no captions.

    Loss: mean absolute error of flow01, in which rest is 0.5 and one picture width or height 0.5 more or less, of a sample
    of the posterior; and 1e-6 of the posterior's divergence from N(0, 1). What the release was trained by is not known.

    Left out: nothing; there is no conditioning.

    Schedule: AdamW, 1e-5 constant, weight decay 1e-2, mixed precision; 4 times 4 pairs a step on each of 64 GPUs, and the
    weights after 200,000 steps were taken.

    Where the released code departs: its script for this was not released.
    """

    Params = FlowVAEParams
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {
        "toy": {"height": 32, "width": 32, "batch": 2, "accumulation": 1, "learning_rate": 3e-3},
        "mini": {"height": 128, "width": 128, "batch": 16, "accumulation": 1, "learning_rate": 3e-4, "ema": 0.999},
    }
    parts: ClassVar[Mapping[str, str]] = {"vae": "stage1/vae_flow"}

    params: FlowVAEParams

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        return nn.ModuleDict({"vae": Parts(config, self.params.start, seed).fresh_vae(self.parts["vae"], 2)})

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params = self.params
        fields = [flows(s, some_later(s, params.longest, draw), params.height, params.width) for s in samples]
        vae: Any = networks["vae"]
        return {"pictures": flow01(torch.from_numpy(np.concatenate(fields)).to(vae.device))}
