"""Motion given as files: what was made, scaled, masked or edited before it is rendered, one .flo a frame.

`1001-1024.flo` says where each pixel of frame 1001 is in frame 1024. The project keeps a copy under its digest, as it does
with masks, so that a take can be made again whatever becomes of the files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.flow.longrange import PARTS, quantised
from v2v_studio.media.flo import read_flo
from v2v_studio.project.cache import FlowCache
from v2v_studio.project.records import Shot
from v2v_studio.project.store import Store
from v2v_studio.studio.mask import read_mask
from v2v_studio.types import Array, Direction, FlowField

NAME = re.compile(r"(\d+)-(\d+)\.flo")
LARGEST = 10.0  # times as far
LONGEST = 511.0  # pixels: what is kept holds no longer ones

Run = tuple[int, Direction, int]  # footage frame that it is measured from, which way in time, how many frames


@dataclass(frozen=True)
class Moves:
    """Motion that was given: names and numbers only, so that a worker can be sent it.

    Attributes:
        sha256: of its vectors, under which the shot keeps it.
        runs: what it reaches, in the order of their frames.
    """

    sha256: str
    runs: tuple[Run, ...]

    @property
    def recipe(self) -> dict[str, Any]:
        """As plain values."""
        return {"sha256": self.sha256, "runs": [list(run) for run in self.runs]}

    def reaches(self, frame: int, direction: str) -> int:
        """How many frames are known from a footage frame on, in one direction."""
        return next((length for start, way, length in self.runs if (start, way) == (frame, direction)), 0)


@dataclass(frozen=True)
class Adjustment:
    """What is done to a track's motion before it is shown or written.

    Attributes:
        given: a folder of .flo files that is taken in place of what the track would make.
        scale: times as far; 0 is still.
        mask: a picture of the size that is worked at, on the frame that motion is measured from: black is still.
    """

    given: Path | None = None
    scale: float = 1.0
    mask: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= LARGEST:
            raise UsageError(f"motion cannot be made {self.scale:g} times as far; give 0 to {LARGEST:g}")

    def on(self, size: tuple[int, int]) -> Callable[[FlowField], FlowField]:
        """The same for a field of a size (width, height). Raises MediaError for a mask that does not fit."""
        mask = read_mask(self.mask, size) if self.mask else None
        return partial(adjusted, scale=self.scale, mask=mask)


AS_MADE = Adjustment()


def file_name(shot: Shot, start: int, frame: int) -> str:
    """Of the motion from one footage frame to another."""
    return f"{shot.number(start):04d}-{shot.number(frame):04d}.flo"


def take_in_moves(store: Store, shot: Shot, size: tuple[int, int], folder: Path) -> Moves:
    """Read motion as a user gives it, and keep a copy of it in the project.

    Args:
        size: (width, height) that the shot is worked at.
        folder: of files named as `file_name` does; others are not looked at.

    Raises:
        UsageError: there are none, or one between others is missing.
        MediaError: one cannot be read, is of another size, or moves farther than can be kept.
    """
    files = {
        (int(found[1]), int(found[2])): path for path in folder.glob("*.flo") if (found := NAME.fullmatch(path.name))
    }
    if not files:
        raise UsageError(
            f"{folder} holds no motion such as 1001-1002.flo; write some with: v2v motion {shot.id} --export"
        )
    runs = tuple(_runs(shot, files))

    def read(run: Run, index: int) -> FlowField:
        start, sign = shot.number(run[0]), 1 if run[1] == "forward" else -1
        return _field(files[start, start + sign * index], size)

    moves = Moves(digest_of(runs, read), runs)
    moves_folder(store, shot.id, moves.sha256).parent.mkdir(exist_ok=True)
    for run in runs:
        kept = kept_moves(store, shot.id, moves.sha256, *run[:2])
        for index in range(1, run[2] + 1):
            if kept.get(index) is None:
                kept.put(index, read(run, index))
    return moves


def kept_moves(store: Store, shot: str, digest: str, frame: int, direction: str) -> FlowCache:
    """Where a shot keeps the motion of a digest against a footage frame. ProjectError where a link leads out."""
    folder = moves_folder(store, shot, digest)
    return FlowCache(folder, fingerprint({"anchor": frame, "direction": direction}))


def moves_folder(store: Store, shot: str, digest: str) -> Path:
    """Where a shot keeps the motion of a digest. ProjectError where a link leads out of the project."""
    path = store.folder / "shots" / shot / "motion" / digest
    if not path.resolve().is_relative_to(store.folder):
        raise ProjectError(f"{path.relative_to(store.folder)} leads out of the project; remove that link")
    return path


def check_kept(store: Store, shot: str, moves: Moves, size: tuple[int, int]) -> None:
    """ProjectError where the motion that a shot keeps is gone, was changed, or is of another size."""
    folder = moves_folder(store, shot, moves.sha256).relative_to(store.folder)

    def read(run: Run, index: int) -> FlowField:
        found = kept_moves(store, shot, moves.sha256, *run[:2]).get(index)
        if found is None or found.size != size[::-1]:
            raise ProjectError(f"the motion in {folder} is not whole, or of another size; give it again with --motion")
        return found

    if digest_of(moves.runs, read) != moves.sha256:
        raise ProjectError(f"the motion in {folder} was changed; remove that folder and give it again with --motion")


def digest_of(runs: Iterable[Run], read: Callable[[Run, int], FlowField]) -> str:
    """sha256 of what moves where, field by field."""
    digest = hashlib.sha256()
    for run in runs:
        digest.update(repr(run).encode())
        for index in range(1, run[2] + 1):
            field = read(run, index)
            digest.update(repr(field.size).encode() + (field.displacement * PARTS).astype("<i2").tobytes())
    return digest.hexdigest()


def adjusted(motion: FlowField, scale: float = 1.0, mask: Array | None = None) -> FlowField:
    """Forward motion a number of times as far, and none of it where a mask (H, W) in [0, 1] is black."""
    share = np.float32(scale) * (np.float32(1) if mask is None else mask)
    return replace(motion, displacement=quantised(motion.displacement * share, PARTS), step=None)


def _runs(shot: Shot, files: Iterable[tuple[int, int]]) -> Iterator[Run]:
    """What files with these pairs of numbers reach. UsageError where one is missing."""
    pairs = sorted(files)
    for start in dict.fromkeys(start for start, _ in pairs):
        for direction, sign in (("backward", -1), ("forward", 1)):
            reached = {sign * (end - start) for first, end in pairs if first == start} - {0}
            length = max(reached, default=0)
            for index in range(1, length + 1):
                if index not in reached:
                    missing = f"{start:04d}-{start + sign * index:04d}.flo"
                    raise UsageError(f"{missing} is missing, though others go on; give the motion of every frame")
            if length > 0:
                yield shot.frame(start), direction, length  # type: ignore[misc]


def _field(path: Path, size: tuple[int, int]) -> FlowField:
    """One file as it is kept: whole 64ths of a pixel, all of it visible."""
    displacement = read_flo(path)
    _, height, width = displacement.shape
    if (width, height) != size:
        raise MediaError(
            f"{path} is {width}x{height} but the shot is worked at {size[0]}x{size[1]}; write it at that size"
        )
    if np.abs(displacement).max() > LONGEST:
        raise MediaError(f"{path} moves farther than {LONGEST:g} pixels, which cannot be kept; scale it down")
    return FlowField(quantised(displacement, PARTS)[None], "forward", np.ones((1, 1, height, width), np.float32))
