"""A small autoencoder of pictures, for sizes of which none was released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from v2v_studio.training.autoencoding import AutoencoderParams, Autoencoding
from v2v_studio.training.clips import stretched
from v2v_studio.training.draw import integers
from v2v_studio.training.motion_i2v import Parts
from v2v_studio.training.recipe import Batch
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Sample

STAGES = ("stage1/vae", "stage2/vae")


class PictureVAE(Autoencoding):
    """Trained: the whole autoencoder, 3 channels in and out, 4 of latents. It is no published stage: every paper here takes
    Stable Diffusion's, which suits no network of `mini`'s size; so `mini` begins with this one. Of the released size it goes
    on from what `start` has, or from nothing.

    Data: any one frame of each sample, stretched to the size.

    Loss: mean absolute error in [-1, 1] of a sample of the posterior, and 1e-6 of its divergence from N(0, 1); no network
    judges the picture, so what comes back is soft.

    Left out: nothing; there is no conditioning.

    Schedule: AdamW, 1e-5 constant, weight decay 1e-2.
    """

    Params = AutoencoderParams
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {
        "toy": {"height": 32, "width": 32, "batch": 2, "accumulation": 1, "learning_rate": 3e-3},
        "mini": {"height": 128, "width": 128, "batch": 16, "accumulation": 1, "learning_rate": 3e-4, "ema": 0.999},
    }
    parts: ClassVar[Mapping[str, str]] = {"vae": STAGES[0]}

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        return nn.ModuleDict({"vae": Parts(config, self.params.start, seed).fresh_vae(STAGES[0], 3)})

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params = self.params
        places = [int(integers(draw, 0, len(sample), 1)) for sample in samples]
        frames = [s.frames[place : place + 1] for s, place in zip(samples, places, strict=True)]
        pictures = np.concatenate([stretched(frame, params.height, params.width) for frame in frames])
        vae: Any = networks["vae"]
        return {"pictures": torch.from_numpy(pictures).to(vae.device) * 2 - 1}

    def export(self, networks: nn.ModuleDict, folder: Path) -> None:
        """For both stages, each of which has its own."""
        for part in STAGES:
            networks["vae"].save_pretrained(folder / part)  # type: ignore[operator]
