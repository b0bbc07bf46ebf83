"""Noise that frames share in part (PYoCo, Ge et al. 2023; section 5 of the fact sheet)."""

from __future__ import annotations

from typing import Literal

import torch

from v2v_studio.models.sampling import Noise

Correlation = Literal["vanilla", "mixed", "progressive"]


def correlated(kind: Correlation, alpha: float, shape: tuple[int, int, int, int], draw: Noise) -> torch.Tensor:
    """Noise of one video, of which frames share the variance alpha^2 / (1 + alpha^2).

    Args:
        kind: "vanilla": they share nothing. "mixed": they share one draw. "progressive": each with the one before.
        shape: (C, F, h, w).
        draw: what draws from N(0, 1): first what is shared, then what is each frame's own.

    Returns:
        (1, C, F, h, w), every value from N(0, 1).
    """
    if kind == "vanilla":
        return draw(1, *shape)
    if kind == "mixed":
        return mixed(draw(1, shape[0], 1, *shape[2:]), draw(1, *shape), alpha)
    return progressive(draw(1, *shape), draw(1, *shape), alpha)


def mixed(shared: torch.Tensor, own: torch.Tensor, alpha: float) -> torch.Tensor:
    """shared (B, C, 1, h, w) and own (B, C, F, h, w) -> the same shape as own."""
    return (alpha**2 / (1 + alpha**2)) ** 0.5 * shared + (1 / (1 + alpha**2)) ** 0.5 * own


def progressive(first: torch.Tensor, own: torch.Tensor, alpha: float) -> torch.Tensor:
    """Each frame mixed from the one before and its own noise; of `first` frame 0 alone counts, as of `own` all others."""
    frames = [first[:, :, :1]]
    for frame in own.split(1, dim=2)[1:]:
        frames.append(mixed(frames[-1], frame, alpha))
    return torch.cat(frames, dim=2)
