"""What every loss on noise begins with: clean latents as they are at a time, and what of the conditioning is left out."""

from __future__ import annotations

import torch

from v2v_studio.training.draw import uniform

TIMES = 1000  # of every schedule here


def noised(clean: torch.Tensor, noise: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """sqrt(kept) clean + sqrt(1 - kept) noise.

    Args:
        clean, noise: (B, ...).
        kept: (B,), the share of the variance that is not noise (alpha bar) at each entry's time.
    """
    share = kept.to(clean).view(-1, *[1] * (clean.ndim - 1))
    return share.sqrt() * clean + (1 - share).sqrt() * noise


def left_out(draw: torch.Generator, probability: float) -> bool:
    """Whether something is left out this time."""
    return uniform(draw) < probability
