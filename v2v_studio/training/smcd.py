"""What both stages of SMCD share: what the network is told of a clip, and its loss (section 9 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from v2v_studio.training.latents import latents
from v2v_studio.training.recipe import Batch
from v2v_studio.training.slots import Slots
from v2v_studio.types import Array


def told(
    networks: nn.ModuleDict,
    clips: Sequence[Array],
    captions: Sequence[str],
    objects: Sequence[Slots],
    draw: torch.Generator,
) -> Batch:
    """Tensors of clips (F, 3, H, W), for `box_tokens` and `noise_loss`."""
    texts: Any = networks["texts"]
    clean = latents(networks["vae"], clips, draw)
    boxes, present = (torch.from_numpy(np.stack(values)).to(clean) for values in list(zip(*objects, strict=True))[:2])
    phrases = [F.pad(texts.ends(own.phrases), (0, 0, 0, boxes.shape[2] - len(own.phrases))) for own in objects]
    return {
        "latents": clean,
        "text": texts(captions),
        "boxes": boxes,
        "present": present,
        "phrases": torch.stack(phrases),
    }


def box_tokens(position_net: nn.Module, batch: Batch, left_out: bool) -> torch.Tensor:
    """(B F, N, C), of every frame's objects; where they are left out, of none in every slot."""
    seen = 0 if left_out else 1
    phrases = batch["phrases"][:, None].expand(-1, batch["boxes"].shape[1], -1, -1)
    return position_net(seen * batch["boxes"], seen * batch["present"], phrases).flatten(0, 1)


def noise_loss(
    unet: Any,
    sample: torch.Tensor,
    times: torch.Tensor,
    noise: torch.Tensor,
    text: torch.Tensor,
    boxes: torch.Tensor,
    image: torch.Tensor | None = None,
) -> torch.Tensor:
    """Mean squared error of the noise in all frames.

    Args:
        sample: (B, 4 or 8, F, h, w), noisy latents, and beside them the first frame's without noise.
        times: (B,).
        noise: (B, 4, F, h, w), what is to be predicted.
        text: (B, L, C), hidden states.
        boxes: (B F, N, C), tokens.
        image: (B, V, C) or (B F, V, C), tokens of the first frame.
    """
    return F.mse_loss(unet(sample, times, unet.kept(text, boxes, image)).float(), noise)
