"""Features of clips on disk, so that distributions of any number of clips are measured one clip at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from v2v_studio.parts import whole
from v2v_studio.types import Array


class FeatureStore:
    """A folder of arrays (N, D), one for each clip and metric. It is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, key: str, metric: str) -> bool:
        return self._file(key, metric).exists()

    def keep(self, key: str, found: Mapping[str, Array]) -> None:
        """The features of a clip by metric. Each file is there whole or not at all."""
        for metric, features in found.items():
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self._file(key, metric)
            with whole(file) as part, open(part, "wb") as opened:
                np.save(opened, features)

    def read(self, keys: Iterable[str], metric: str) -> Iterator[Array]:
        """Those of one metric, one clip after the other."""
        return (np.load(self._file(key, metric)) for key in keys)

    def _file(self, key: str, metric: str) -> Path:
        return self.folder / f"{key[:16]}.{metric}.npy"
