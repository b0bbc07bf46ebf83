"""ConsistI2V in its one stage (Ren et al., TMLR 2024; section 10 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import nn

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import read
from v2v_studio.models.consisti2v.base import begin
from v2v_studio.models.consisti2v.config import RELEASED, TOY
from v2v_studio.models.consisti2v.load import load_vae, weights
from v2v_studio.models.consisti2v.noise import mixed
from v2v_studio.models.consisti2v.params import NAME
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import autoencoder
from v2v_studio.training.begin import SMALL_VAE, drawn, folders, part
from v2v_studio.training.clips import covering, spaced
from v2v_studio.training.draw import integers, normal, uniform
from v2v_studio.training.latents import latents
from v2v_studio.training.noising import TIMES, left_out, noised
from v2v_studio.training.recipe import Batch, Loss, Recipe, TrainingParams
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Sample
from v2v_studio.training.texts import Texts

BASE = "stabilityai/stable-diffusion-2-1-base"
SIZES: dict[Config, dict[str, Any]] = {
    "toy": TOY,
    "mini": {
        **RELEASED,
        "block_out_channels": (64, 128, 192, 192),
        "layers_per_block": 1,
        "heads": (2, 4, 6, 6),
        "temporal_heads": 4,
        "cross_attention_dim": 128,
    },
    "released": RELEASED,
}


class ConsistI2VParams(TrainingParams):
    height: int = Field(256, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    width: int = Field(256, multiple_of=8, ge=16, description="Of the pictures it trains on.")
    batch: int = Field(3, ge=1, description="Clips at once, on each device; the paper's 192 are 64 GPUs'.")
    learning_rate: float = Field(5e-5, gt=0, description="Of AdamW, with betas 0.9 and 0.999 and epsilon 1e-8.")
    clip: float = Field(0.5, gt=0, description="Longest gradient; longer ones are shortened to it.")
    frames: int = Field(16, ge=2, description="Of a clip, the first one too.")
    stride: int = Field(5, ge=1, description="Most frames of the footage from one to the next; 1 is the fewest.")
    noise_alpha: float = Field(
        1.5, ge=0, description="How much of their noise frames share. The released weights: 1; render as trained."
    )
    text_drop: float = Field(0.1, ge=0, le=1, description="How often a caption is left out.")
    image_drop: float = Field(0.1, ge=0, le=1, description="How often noise stands for the first frame.")
    start: str = Field(BASE, description="Where networks come from: runs, or models of the SD2.1 family.")


class ConsistI2V(Recipe):
    """Trained: all of the UNet, spatial layers too, begun from Stable Diffusion 2.1 with temporal layers that change
    nothing yet. Frozen: autoencoder and text encoder.

    Data: clips of 16 frames, 1 to 5 frames of footage apart, the middle of the picture at 256x256, every other one mirrored,
    with captions (the paper: WebVid-10M).

    Loss: mean squared error of the noise in frames 1 to 15, at a time from 0 to 999 that all frames of a clip have. The
    first frame is a sample of its posterior without noise, before them on the axis of frames. Noise as PYoCo mixes it:
    frames share alpha^2 / (1 + alpha^2) of its variance. No frequencies of the first frame are put into it: FrameInit is of
    rendering alone. Every time weighs the same (no min-SNR), on linear betas from 0.00085 to 0.012.

    Left out, each by itself: the caption of 1 clip in 10, for one of no words; the first frame of 1 in 10, for which its
    latents stand with the noise of the clip's time.

    Schedule: AdamW, 5e-5 constant, weight decay 1e-2, gradients no longer than 0.5, bfloat16, no average of the weights;
    170,000 steps of 192 clips.

    Where the released code departs:
        - It sets alpha to 1 where the paper has 1.5; its weights are trained so. `noise_alpha`.
        - A clip that is too short for its stride is taken at a smaller one, and the network is told the larger. Here it is
          told the one that the clip has.
        - A blend that an update carries out of [0, 1] is put back by every pass, rendering too. Here training puts it back,
          before a pass, and rendering changes no weights; left where it is a layer would never be trained again.
        - With gradient checkpointing its spatial layers forget the first frame, and its temporal ones stop. Here the
          gradients are the same with it.
        - Weights that no pass reads are among those it trains; they are left out here, which changes none.
    """

    Params = ConsistI2VParams
    changes: ClassVar[Mapping[Config, Mapping[str, Any]]] = {
        "toy": {"start": "", "height": 32, "width": 32, "frames": 4, "batch": 2, "learning_rate": 3e-3},
        "mini": {"start": "", "height": 128, "width": 128, "frames": 8, "batch": 8, "learning_rate": 2e-4},
    }
    parts: ClassVar[Mapping[str, str]] = {"unet": "unet", "vae": "vae", "texts": ""}  # a run's folder is whole

    params: ConsistI2VParams

    def networks(self, config: Config, seed: int) -> nn.ModuleDict:
        places, sizes = folders(self.params.start), SIZES[config]
        there = {name: part(places, name) for name in ("unet", "vae", "text_encoder")}
        if config == "released" and (absent := [name for name, folder in there.items() if folder is None]):
            raise MissingError(
                f"no {' and no '.join(absent)} is there to begin with; name the folders or models that have them: "
                f"-p start={BASE}, or -p start={NAME} to go on from the release"
            )
        vae, words = there["vae"], there["text_encoder"]
        with drawn(seed):
            networks = {
                "unet": ConsistI2VUNet(**sizes),
                "vae": load_vae(vae) if vae else autoencoder(3, SMALL_VAE),
                "texts": Texts.read(words.parent, NAME) if words else Texts.drawn(sizes["cross_attention_dim"]),
            }
        if there["unet"]:
            begin(networks["unet"], read(weights(there["unet"])), str(there["unet"]))
        return nn.ModuleDict(networks)

    def trainable(self, networks: nn.ModuleDict) -> list[str]:
        names = (name for name, _ in networks.named_parameters() if name.startswith("unet."))
        return [name for name in names if not unread(name)]

    def batch(self, networks: nn.ModuleDict, samples: Sequence[Sample], draw: torch.Generator) -> Batch:
        params, clips, captions, strides = self.params, [], [], []
        for sample in samples:
            chosen = spaced(sample, params.frames, params.stride, draw)
            frames = covering(sample.frames[chosen], params.height, params.width)
            clips.append(frames[..., ::-1] if uniform(draw) < 0.5 else frames)
            captions.append("" if left_out(draw, params.text_drop) else sample.caption)
            strides.append(float(np.diff(sample.indices[chosen]).mean()))
        vae, texts = networks["vae"], networks["texts"]
        clean = latents(vae, clips, draw)
        return {"latents": clean, "text": texts(captions), "strides": torch.tensor(strides, device=clean.device)}

    def loss(self, networks: nn.ModuleDict, batch: Batch, draw: torch.Generator) -> Loss:
        clean, unet, often = batch["latents"], networks["unet"], self.params.image_drop
        count, channels, _, *size = clean.shape
        times = integers(draw, 0, TIMES, count).to(clean.device)
        shared, own = normal(draw, count, channels, 1, *size), normal(draw, *clean.shape)
        noise = mixed(shared, own, self.params.noise_alpha).to(clean.device)
        without = torch.tensor([left_out(draw, often) for _ in range(count)], device=clean.device)
        kept = scheduler().alphas_cumprod.to(clean.device)[times]
        hold_blends(unet)
        return Loss(noise_loss(unet, clean, noise, kept, times, without, batch["text"], batch["strides"]))


def noise_loss(
    unet: nn.Module,
    clean: torch.Tensor,
    noise: torch.Tensor,
    kept: torch.Tensor,
    times: torch.Tensor,
    without_first: torch.Tensor,
    text: torch.Tensor,
    strides: torch.Tensor,
) -> torch.Tensor:
    """Mean squared error of the noise in all frames but the first.

    Args:
        clean, noise: (B, 4, F, h, w), latents as they are diffused, and noise of all frames, the first one too.
        kept: (B,), the share of the variance at the clip's time that is not noise.
        times: (B,), of each clip.
        without_first: (B,) bool, the clips that are shown their first frame with its noise.
        text: (B, L, C), hidden states.
        strides: (B,), frames of the footage from one to the next.
    """
    frames = clean.shape[2]
    noisy = noised(clean, noise, kept)
    first = torch.where(without_first.view(-1, 1, 1, 1, 1), noisy[:, :, :1], clean[:, :, :1])
    times, strides = (numbers.repeat_interleave(frames) for numbers in (times, strides))
    predicted = unet(noisy[:, :, 1:], times, text, first, strides)
    return F.mse_loss(predicted.float(), noise[:, :, 1:])


@torch.no_grad()
def hold_blends(unet: nn.Module) -> None:
    """Put every blend of a temporal layer back into [0, 1], where it has a gradient."""
    for name, weight in unet.named_parameters():
        if name.endswith(".alpha"):
            weight.clamp_(0, 1)


def unread(name: str) -> bool:
    """Whether a weight is one of the released layout that no pass reads."""
    return ".rotary_bias." in name or (".conv3ds." in name and ".time_emb_proj." in name)
