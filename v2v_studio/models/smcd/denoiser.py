"""The network with all that it is told, asked step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from v2v_studio.models.smcd.context import Kept
from v2v_studio.models.smcd.controlnet import ControlNet
from v2v_studio.models.smcd.guidance import Branch, together
from v2v_studio.models.smcd.unet import UNet


class Asked(NamedTuple):
    """Branches that run as one batch."""

    branches: int
    first: torch.Tensor  # (branches B, 4, h, w)
    kept: Kept


class Denoiser:
    """Predicts noise for each branch. What does not change from step to step is worked out when it is made.

    Args:
        unet: the network.
        branches: what it is asked at every step; the prompted one is last, or second where there are several.
        one_by_one: each branch by itself, in less memory.
        control_net: shown the first frame and the prompt; all branches get its maps.
    """

    def __init__(
        self, unet: UNet, branches: Sequence[Branch], one_by_one: bool = False, control_net: ControlNet | None = None
    ) -> None:
        self._unet, self._control_net = unet, control_net
        batches = [[branch] for branch in branches] if one_by_one else [list(branches)]
        self._asked = [self._ask(together(batch), len(batch)) for batch in batches]
        if control_net is not None:
            prompted = branches[min(1, len(branches) - 1)]
            self._hint = prompted.first.to(unet.dtype)
            self._prompt = control_net.kept(prompted.text.to(unet.dtype))

    def __call__(self, latents: torch.Tensor, time: int) -> list[torch.Tensor]:
        """Latents (B, 4, F, h, w) of a time -> the noise (B, 4, F, h, w) predicted for each branch, in float32."""
        sample, control = latents.to(self._unet.dtype), []
        if self._control_net is not None:
            control = self._control_net(sample, time, self._prompt, self._hint)
        found: list[torch.Tensor] = []
        for asked in self._asked:
            noise = self._unet(
                self._beside(sample, asked),
                time,
                asked.kept,
                [map_.repeat(asked.branches, 1, 1, 1) for map_ in control],
            )
            found += noise.float().chunk(asked.branches)
        return found

    def _ask(self, branch: Branch, count: int) -> Asked:
        kind = self._unet.dtype
        boxes, image, masks = (
            None if tensor is None else tensor.to(kind) for tensor in (branch.boxes, branch.image, branch.masks)
        )
        return Asked(count, branch.first.to(kind), self._unet.kept(branch.text.to(kind), boxes, image, masks))

    def _beside(self, sample: torch.Tensor, asked: Asked) -> torch.Tensor:
        sample = sample.repeat(asked.branches, 1, 1, 1, 1)
        return sample if self._unet.config["in_channels"] == sample.shape[1] else beside(sample, asked.first)


def beside(sample: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """Noisy latents (B, 4, F, h, w), and beside those of each frame the first frame's (B, 4, h, w), without noise."""
    return torch.cat([sample, first[:, :, None].expand_as(sample)], dim=1)
