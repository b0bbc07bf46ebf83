"""Where the networks of a run come from: folders that have them, or chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from v2v_studio.models.params import INSIDE
from v2v_studio.models.weights import locate

SMALL_VAE = {"block_out_channels": [16, 16, 16, 16], "layers_per_block": 1, "norm_num_groups": 8}  # where one is drawn


def folders(start: str) -> list[Path]:
    """Of a recipe's option `start`, names or folders with commas between; of a converted release, what it became.

    Raises:
        MissingError: one is not on this machine, with the command that fetches it.
    """
    places = [locate(name.strip()) for name in start.split(",") if name.strip()]
    return [inside if (inside := place / INSIDE).is_dir() else place for place in places]


def part(places: Sequence[Path], name: str) -> Path | None:
    """The first folder's part of this name, as diffusers saves a network; None where no folder has it."""
    return next((place / name for place in places if (place / name / "config.json").is_file()), None)


@contextmanager
def drawn(seed: int) -> Iterator[None]:
    """Weights that are made in here depend on the seed alone, and chance elsewhere is left as it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
