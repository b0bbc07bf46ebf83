"""The noise schedule of Motion-I2V and ConsistI2V, and the samplers that walk it.

Linear betas, not the scaled-linear ones of Stable Diffusion. `ddim` is what was released; the others take other steps along
the same schedule and reach other pictures.
"""

from __future__ import annotations

from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import diffusers

from v2v_studio.errors import unknown

BETAS = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "linear",
    "prediction_type": "epsilon",
}
RELEASED = {"clip_sample": False, "set_alpha_to_one": True, "steps_offset": 1}
SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {**RELEASED, "timestep_spacing": "leading"}),
    "dpm++": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "lcm": ("LCMScheduler", RELEASED),  # for weights with an LCM LoRA; it draws fresh noise at each step
}


def scheduler(sampler: str = "ddim", **changes: Any) -> Any:
    """A new scheduler of diffusers: `ddim` as released (eta 0, final alpha 1), or another of SAMPLERS on the same betas.

    Args:
        sampler: of SAMPLERS.
        changes: what is otherwise than released, as diffusers names it: for weights trained on another schedule.

    Raises:
        UsageError: there is no such sampler.
    """
    if sampler not in SAMPLERS:
        raise unknown("sampler", sampler, SAMPLERS)
    name, own = SAMPLERS[sampler]
    return getattr(diffusers, name)(**{**BETAS, **own, **changes})
