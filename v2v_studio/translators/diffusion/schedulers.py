"""Noise schedulers by the names that people know them under."""

from __future__ import annotations

from typing import Any

from v2v_studio.errors import UsageError, unknown

SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "dpm++": ("DPMSolverMultistepScheduler", {}),
    "dpm++-karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "dpm++-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-a": ("EulerAncestralDiscreteScheduler", {}),
    "euler-karras": ("EulerDiscreteScheduler", {"use_karras_sigmas": True}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
}


def known(name: str) -> str:
    """The name, if there is such a scheduler or it is empty."""
    if name and name not in SCHEDULERS:
        raise unknown("scheduler", name, SCHEDULERS)
    return name


def scheduler(name: str, own: Any) -> Any:
    """A fresh scheduler for one run.

    Args:
        name: of SCHEDULERS; empty for the kind that the model brings.
        own: the model's scheduler, whose noise levels and prediction type are kept.

    Raises:
        UsageError: the model is of another family (flow matching, say), whose noise that scheduler does not know.
    """
    if not name:
        return type(own).from_config(own.config)
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import diffusers

    maker, options = SCHEDULERS[known(name)]
    if "beta_schedule" not in own.config:
        raise UsageError(
            f"scheduler '{name}' does not fit this model, which brings {type(own).__name__}; leave scheduler empty"
        )
    return getattr(diffusers, maker).from_config(own.config, **options)
