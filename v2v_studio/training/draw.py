"""Chance, drawn on the CPU: the same numbers whatever the networks run on."""

from __future__ import annotations

import numpy as np
import torch


def normal(draw: torch.Generator, *shape: int) -> torch.Tensor:
    """Numbers from N(0, 1)."""
    return torch.randn(shape, generator=draw)


def uniform(draw: torch.Generator) -> float:
    """A number from [0, 1)."""
    return float(torch.rand((), generator=draw))


def integers(draw: torch.Generator, low: int, high: int, count: int) -> torch.Tensor:
    """(count,) whole numbers from [low, high)."""
    return torch.randint(low, high, (count,), generator=draw)


def generator(*numbers: int) -> torch.Generator:
    """Chance that depends on these numbers alone: of a run's seed, a step, a process."""
    seed = np.random.SeedSequence([number % 2**63 for number in numbers]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(seed) % 2**63)
