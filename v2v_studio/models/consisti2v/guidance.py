"""Guidance by the text and by the first frame (section 4 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch


class Branch(NamedTuple):
    """What the network is told in one row of its batch."""

    prompt: bool  # else the negative prompt
    first: bool  # else noise in the first frame's place: the null image


def branches(text: float, image: float) -> list[Branch]:
    """The rows to ask for, by the two scales: as few as tell the answer, the full one last."""
    rows = [Branch(prompt=True, first=True)]
    if text > 1 or image > 1:
        rows.insert(0, Branch(prompt=False, first=True))
    if image > 1:
        rows.insert(0, Branch(prompt=False, first=False))
    return rows


def guided(predicted: Sequence[torch.Tensor], text: float, image: float, rescale: float = 0.0) -> torch.Tensor:
    """What to step by.

    Args:
        predicted: for each of `branches`.
        text, image: the scales.
        rescale: how far the result gets back the deviation of the full row's prediction, 0 to 1 (Lin et al. 2024).

    Returns:
        The shape of one of them.
    """
    *_, full = predicted
    if len(predicted) == 1:
        return full
    plain = predicted[-2]
    found = plain + text * (full - plain)
    if len(predicted) == 3:
        blind = predicted[0]
        found = blind + image * (plain - blind) + text * (full - plain)
    return rescaled(found, full, rescale)


def rescaled(guided: torch.Tensor, full: torch.Tensor, share: float) -> torch.Tensor:
    """A prediction (B, ...) with a share of its deviation brought to that of another, entry by entry."""
    if share == 0:
        return guided
    axes = tuple(range(1, guided.ndim))
    level = full.std(axes, keepdim=True) / guided.std(axes, keepdim=True)
    return share * (guided * level) + (1 - share) * guided
