"""Where the networks of a run come from: read out of folders, or their weights drawn."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import torch

from v2v_studio.errors import MissingError
from v2v_studio.models.opened import opened
from v2v_studio.models.params import INSIDE
from v2v_studio.models.weights import locate
from v2v_studio.training.recipe import Config

Made = TypeVar("Made")


class Networks:
    """The parts of a model, each out of the first folder that has it.

    Args:
        config: size of the networks; for "released" nothing that stays as it is may be drawn.
        start: folders or names of models, with commas between: of an earlier run, or a converted release.
        seed: of what is drawn.

    Raises:
        MissingError: one of them is not on this machine.
    """

    def __init__(self, config: Config, start: str, seed: int) -> None:
        self.config, self._seed = config, seed
        self._folders = [_inside(locate(name.strip())) for name in start.split(",") if name.strip()]

    def find(self, part: str) -> Path | None:
        """The folder of a part, by its name in a converted release: the first that is there."""
        return next((folder / part for folder in self._folders if (folder / part).is_dir()), None)

    def read(self, kind: Any, part: str) -> Any:
        """A network by its class; None where no folder has it.

        Raises:
            MissingError: it is there and cannot be loaded.
        """
        folder = self.find(part)
        return None if folder is None else opened(kind, folder, folder.name)

    def needed(self, kind: Any, part: str, make: Callable[[], Any]) -> Any:
        """A network that the run builds upon: read, or for a size that was never released drawn.

        Raises:
            MissingError: it is nowhere, and of the released size.
        """
        found = self.read(kind, part)
        if found is None and self.config == "released":
            raise MissingError(
                f"this recipe builds upon a trained {part}; name a folder that has one with -p start=FOLDER, of an earlier "
                "run or a converted release"
            )
        return self.drawn(part, make) if found is None else found

    def drawn(self, part: str, make: Callable[[], Made]) -> Made:
        """What is made with weights that depend on the seed and on the part's name alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed * 2**32 + crc32(part.encode()))
            return make()


def _inside(folder: Path) -> Path:
    """The converted folder in one that was fetched."""
    return folder / INSIDE if (folder / INSIDE).is_dir() else folder
