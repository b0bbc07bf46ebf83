"""Sources: which first frame the pixels of a take came from, as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.project.records import Take
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk
from v2v_studio.tracks.blend import COLOURS
from v2v_studio.types import Array

ACROSS = 6  # frames in a sheet


class Tracing(Desk):
    """The picture of `takes --sources`."""

    def sources(self, name: str, path: Path) -> Take:
        """Write a sheet: first frames in their colours, frames of the take, and below each what came from which.

        A pixel has the colour of its first frame; it is dark where no first frame shows it, so that it was made up.

        Args:
            name: as in sh010/t002; a shot's name alone is its newest take.

        Raises:
            UsageError: the shot has no take, or the take was made before sources were kept.
        """
        shot, _, take_name = name.partition("/")
        takes = self.store.takes(shot)
        if not takes:
            raise UsageError(f"{shot} has no take yet; make one with: v2v render {shot}")
        take = self.store.take(shot, take_name) if take_name else takes[-1]
        folder = self.store.take_folder(shot, take.id) / "sources"
        if not folder.is_dir():
            raise UsageError(f"{shot}/{take.id} keeps no sources; make it anew with: v2v render {shot} --again")
        frames = np.unique(np.linspace(take.first, take.last - 1, ACROSS).round().astype(int)).tolist()
        shown = [Cell(read_png(self.store.take_frame(take, frame)), str(take.number(frame))) for frame in frames]
        traced = [Cell(read_png(folder / f"{take.number(frame):04d}.png")) for frame in frames]
        write_png(path, sheet([self._legend(take), shown, traced], height=180, title=f"{shot}/{take.id}"))
        return take

    def _legend(self, take: Take) -> list[Cell]:
        """The first frames, each beside its colour."""
        cells = []
        for place, name in enumerate([take.first_frame, *take.further]):
            first = self.store.first_frame(take.shot, name)
            picture = read_png(self.store.first_frame_image(first))
            cells.append(Cell(framed(picture, COLOURS[place % len(COLOURS)]), f"{name} at {take.number(first.frame)}"))
        return cells


def framed(picture: Array, colour: Array) -> Array:
    """The picture within a border of the colour."""
    border = max(2, min(picture.shape[1:]) // 24)
    out = np.broadcast_to(colour[:, None, None], picture.shape).copy()
    inner = np.s_[:, border:-border, border:-border]
    out[inner] = picture[inner]
    return out
