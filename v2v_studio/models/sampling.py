"""What sampling shares between the models: noise from a seed, steps from noise to latents, guidance, previews.

Latents are (1, 4, F, h, w) in float32 on the device of the networks, whatever type of number these work in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import torch

from v2v_studio.errors import UsageError
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import SHRINK
from v2v_studio.types import Array

RGB = (  # of the four channels of Stable Diffusion 1's latents, a linear fit
    (0.298, 0.207, 0.208),
    (0.187, 0.286, 0.173),
    (-0.158, 0.189, 0.264),
    (-0.184, -0.271, -0.473),
)


class Step(NamedTuple):
    """Where sampling is: the latents after a step, and what they would be without noise as far as the network can tell."""

    latents: torch.Tensor
    clean: torch.Tensor


OnStep = Callable[
    [int, int, Step], None
]  # steps done, steps in all, the step; what it raises (Cancelled) ends the work
Predictor = Callable[[torch.Tensor, int], torch.Tensor]  # a sample and its time -> the noise predicted, for each text


class Noise:
    """Numbers from N(0, 1), drawn on the CPU: the same seed gives the same on every device."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed % 2**63)

    def __call__(self, *shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=self.generator)


class Walk:
    """A sampler's steps along the schedule, from the most noise to none.

    Args:
        sampler: of schedule.SAMPLERS.
        steps: in all.
        strength: the share of them, the last ones, that is taken; the less, the closer to the latents it starts from.
        noise: for samplers that draw some at every step.
        make: gives the scheduler of a sampler's name; by default on the betas of schedule.BETAS.

    Attributes:
        times: of each step, descending.

    Raises:
        UsageError: there is no such sampler, or it cannot take so many steps.
    """

    def __init__(
        self,
        sampler: str,
        steps: int,
        noise: Noise,
        strength: float = 1.0,
        make: Callable[[str], Any] = scheduler,
    ) -> None:
        self._scheduler = make(sampler)
        try:
            self._scheduler.set_timesteps(steps)
        except ValueError as error:
            raise UsageError(
                f"{sampler} cannot take {steps} steps ({error}); choose another number of steps"
            ) from error
        taken = max(1, round(strength * len(self._scheduler.timesteps)))
        self.times = [int(time) for time in self._scheduler.timesteps[-taken:]]
        self._draws = {"generator": noise.generator} if sampler == "lcm" else {}

    def step(self, predicted: torch.Tensor, time: int, latents: torch.Tensor) -> Step:
        """One step, by what was predicted of the latents at this time: their noise, or by schedule their velocity."""
        kept = self._kept(time)
        if self._scheduler.config.prediction_type == "v_prediction":
            clean = kept**0.5 * latents - (1 - kept) ** 0.5 * predicted
        else:
            clean = (latents - (1 - kept) ** 0.5 * predicted) / kept**0.5
        return Step(self._scheduler.step(predicted, time, latents, **self._draws).prev_sample, clean)

    def noised(self, latents: torch.Tensor, noise: torch.Tensor, time: int) -> torch.Tensor:
        """Clean latents as they are at a time."""
        kept = self._kept(time)
        return kept**0.5 * latents + (1 - kept) ** 0.5 * noise

    def _kept(self, time: int) -> torch.Tensor:
        """The share of the latents' variance that is not noise at a time (alpha bar)."""
        return self._scheduler.alphas_cumprod[time]


def branches(negative: torch.Tensor, prompt: torch.Tensor, guidance: float, low_memory: bool) -> list[torch.Tensor]:
    """The batches of texts (b, L, C) that the network is run with at each step.

    Without guidance (1 or less) the prompt alone; else both together, or one after the other in half the memory.
    """
    if guidance <= 1:
        return [prompt]
    return [negative, prompt] if low_memory else [torch.cat([negative, prompt])]


def guided(predicted: Iterable[torch.Tensor], guidance: float) -> torch.Tensor:
    """The noise to step by, from what was predicted for each branch: classifier-free guidance (Ho and Salimans, 2022)."""
    noise = torch.cat([part.float() for part in predicted])
    if len(noise) == 1:
        return noise
    negative, prompt = noise.chunk(2)
    return negative + guidance * (prompt - negative)


def preview(latents: torch.Tensor) -> Array:
    """Latents of pictures (1, 4, F, h, w) as small pictures (F, 3, h, w) in [0, 1], without the autoencoder."""
    colours = torch.einsum("cfhw,ck->fkhw", latents[0], latents.new_tensor(RGB))
    return (colours / 2 + 0.5).clamp(0, 1).cpu().numpy()


def as_tensor(values: Array | torch.Tensor, device: torch.device) -> torch.Tensor:
    """float32, on the device, laid out in memory as it was."""
    given = values if isinstance(values, torch.Tensor) else torch.from_numpy(np.array(values, np.float32))
    return given.to(device, torch.float32)


def check_size(height: int, width: int) -> None:
    """UsageError where latents do not cover the picture exactly."""
    if height % SHRINK or width % SHRINK:
        raise UsageError(
            f"this model works on sides that are multiples of {SHRINK}, not {width}x{height}; pad the picture"
        )
