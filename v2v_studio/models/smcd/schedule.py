"""The noise schedule, and the samplers that walk it (section 8 of the fact sheet).

Scaled-linear betas, those of Stable Diffusion. "released" is the release's own DDIM; diffusers' "ddim" takes the same steps
where their number divides 1000; the others take other steps along the same schedule.
"""

from __future__ import annotations

from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import diffusers
import torch

from v2v_studio.errors import unknown
from v2v_studio.models.sampling import Noise, Step, Walk

TIMES = 1000
BETA_START, BETA_END = 0.00085, 0.012
BETAS = {
    "num_train_timesteps": TIMES,
    "beta_start": BETA_START,
    "beta_end": BETA_END,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
}
SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}),
    "dpm++": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", {}),
}


def walk(sampler: str, steps: int, noise: Noise) -> Walk | ReleasedWalk:
    """The steps of "released", or of another of SAMPLERS.

    Raises:
        UsageError: there is no such sampler, or it cannot take so many steps.
    """
    return ReleasedWalk(steps) if sampler == "released" else Walk(sampler, steps, noise, make=_scheduler)


def _scheduler(sampler: str) -> Any:
    if sampler not in SAMPLERS:
        raise unknown("sampler", sampler, ["released", *SAMPLERS])
    name, own = SAMPLERS[sampler]
    return getattr(diffusers, name)(**BETAS, **own)


def betas() -> torch.Tensor:
    """(1000,) in float64."""
    return torch.linspace(BETA_START**0.5, BETA_END**0.5, TIMES, dtype=torch.float64) ** 2


def alphas_cumprod() -> torch.Tensor:
    """(1000,) in float64: the share of the latents' variance that is not noise, at each time."""
    return (1 - betas()).cumprod(0)


def posterior_variance() -> torch.Tensor:
    """(1000,) in float64: of latents of the time before, when those of a time and those without noise are known."""
    kept = alphas_cumprod()
    before = torch.cat([kept.new_ones(1), kept[:-1]])
    return betas() * (1 - before) / (1 - kept)


class ReleasedWalk:
    """The release's DDIM without noise of its own (eta 0).

    Its times are 1, 1 + s, 1 + 2s ... for s = 1000 // steps, none over 999: more than `steps` where these do not divide
    1000. A step goes to the time s earlier, the last one to time 0, where a little noise is left.

    Args:
        steps: that are asked for.
        clamp: what a step takes for the latents without noise is held within this; None: is not.

    Attributes:
        times: of each step, descending.
    """

    def __init__(self, steps: int, clamp: float | None = None) -> None:
        self._stride, self._clamp = TIMES // steps, clamp
        self.times = [min(1 + time, TIMES - 1) for time in range(0, TIMES, self._stride)][::-1]
        self._alphas_cumprod = alphas_cumprod()

    def step(self, predicted: torch.Tensor, time: int, latents: torch.Tensor) -> Step:
        """One step, by the noise that was predicted in the latents at this time."""
        kept, before = self._kept(time), self._kept(max(time - self._stride, 0))
        clean = (1 / kept) ** 0.5 * latents - (1 / kept - 1) ** 0.5 * predicted
        if self._clamp is not None:
            clean = clean.clamp(-self._clamp, self._clamp)
        predicted = ((1 / kept) ** 0.5 * latents - clean) / (1 / kept - 1) ** 0.5
        return Step(before**0.5 * clean + (1 - before) ** 0.5 * predicted, clean)

    def noised(self, latents: torch.Tensor, noise: torch.Tensor, time: int) -> torch.Tensor:
        """Clean latents as they are at a time."""
        kept = self._kept(time)
        return kept**0.5 * latents + (1 - kept) ** 0.5 * noise

    def _kept(self, time: int) -> float:
        return float(self._alphas_cumprod[time])
