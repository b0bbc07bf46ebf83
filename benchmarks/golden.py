"""Golden files: weights, inputs and outputs of a reference implementation, and how far ours is from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open


@dataclass(frozen=True)
class Tolerance:
    """The largest error allowed of one value, and of the mean over all values."""

    max: float
    mean: float


@dataclass(frozen=True)
class Match:
    """One output of a component beside the reference's."""

    output: str
    max: float
    mean: float
    tolerance: Tolerance

    @property
    def passed(self) -> bool:
        return (
            self.max <= self.tolerance.max and self.mean <= self.tolerance.mean
        )  # False where an error is not a number


class Golden:
    """One file: a safetensors of `weights.*`, `in.*` and `out.*`, and in its metadata the config as JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def config(self) -> dict[str, Any]:
        with safe_open(self.path, "pt") as file:
            return json.loads(file.metadata()["config"])

    @cached_property
    def names(self) -> list[str]:
        with safe_open(self.path, "pt") as file:
            return sorted(file.keys())

    def __getitem__(self, name: str) -> torch.Tensor:
        with safe_open(self.path, "pt") as file:
            return file.get_tensor(name)

    def weights(self, prefix: str = "", without: str | None = None) -> dict[str, torch.Tensor]:
        """The state dict under `weights.<prefix>`, prefix removed, in float32; but for names that start with `without`."""
        head = f"weights.{prefix}"
        chosen = [name for name in self.names if name.startswith(head)]
        names = [name for name in chosen if without is None or not name.startswith(f"weights.{without}")]
        with safe_open(self.path, "pt") as file:
            return {name.removeprefix(head): file.get_tensor(name).float() for name in names}

    def beside(self, name: str) -> Golden:
        """Another file of the same set."""
        return Golden(self.path.with_name(name))

    def match(self, output: str, ours: torch.Tensor, tolerance: Tolerance) -> Match:
        """Our result against `out.<output>`; another shape is as wrong as can be."""
        theirs = self[f"out.{output}"].double()
        if ours.shape != theirs.shape:
            return Match(output, float("inf"), float("inf"), tolerance)
        error = (ours.double() - theirs).abs()
        return Match(output, float(error.max()), float(error.mean()), tolerance)
