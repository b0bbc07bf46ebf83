"""Masks of a shot: painted on one frame, kept in the project, carried through the shot beside the take."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.flow.longrange import TrackParams
from v2v_studio.media.frames import pixels_digest, read_picture, read_png, write_png
from v2v_studio.project.partial import PartialTake
from v2v_studio.project.recipe import MAX_SIDE
from v2v_studio.project.records import Shot
from v2v_studio.project.store import Store
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.composite import composite
from v2v_studio.tracks.mask import Carried, MaskPass, feathered
from v2v_studio.tracks.run import MotionCache
from v2v_studio.types import Array

log = logging.getLogger(__name__)

FEATHER = 2.0  # pixels to either side of the edge, where a user does not say
GREY = 0.1  # share of a mask between black and white from which it is no silhouette


@dataclass(frozen=True)
class Mask:
    """Where in a shot the look applies: names and numbers only, so that a worker can be sent it.

    Attributes:
        sha256: of the painted picture's pixels, which is its name in the shot's `masks` folder.
        frame: footage frame that it was painted on.
        protect: keep the source inside it, rather than outside.
        feather: pixels to either side of its edge over which source and look mix.
    """

    sha256: str
    frame: int
    protect: bool = False
    feather: float = FEATHER

    @property
    def recipe(self) -> dict[str, Any]:
        """What of it decides pixels, as plain values."""
        return {"sha256": self.sha256, "frame": self.frame, "protect": self.protect, "feather": self.feather}


def take_in(
    store: Store, shot: Shot, size: tuple[int, int], text: str, protect: bool = False, feather: float = FEATHER
) -> Mask:
    """Read a mask as a user names it, and keep a copy of it in the project.

    Args:
        size: (width, height) that the shot is worked at.
        text: PNG[@FRAME], such as bear.png@1001: white where the look applies. Without a frame, the shot's first.

    Raises:
        UsageError: the shot has no such frame, or a feather under 0.
        MediaError: no picture, one of another size, or one that parts nothing.
    """
    file, number = split(text)
    frame = shot.start if number is None else shot.frame(number)
    if not shot.start <= frame < shot.end:
        raise UsageError(
            f"{shot.id} has frames {shot.number(shot.start)} to {shot.number(shot.end - 1)}, not {number}; "
            f"paint the mask on one of them and name it, as in {file.name}@{shot.number(shot.start)}"
        )
    if not 0 <= feather <= MAX_SIDE:
        raise UsageError(f"a feather of {feather:g} pixels is not possible; give 0 or more, to {MAX_SIDE}")
    painted = read_mask(file, size)
    kept = np.repeat(painted[None], 3, 0)
    digest = pixels_digest(kept)
    path = mask_file(store, shot.id, digest)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_png(path, kept)
    return Mask(digest, frame, protect, float(feather))


def split(text: str) -> tuple[Path, int | None]:
    """PNG[@FRAME] -> the file, and the frame's number if there is one.

    Example:
        >>> split("bear.png@1024")
        (PosixPath('bear.png'), 1024)
    """
    name, at, number = text.rpartition("@")
    return (Path(name), int(number)) if at and name and number.isdecimal() else (Path(text), None)


def read_mask(file: Path, size: tuple[int, int]) -> Array:
    """A painted mask as (H, W) in [0, 1]; transparent is black.

    Raises:
        MediaError: no picture, not of that (width, height), or not white here and black there.
    """
    mask = read_picture(file).over_black.mean(0)
    height, width = mask.shape
    if (width, height) != size:
        raise MediaError(
            f"{file} is {width}x{height} but the shot is worked at {size[0]}x{size[1]}; "
            f"make the mask {size[0]}x{size[1]}"
        )
    if (mask > 0.5).all() or not (mask > 0.5).any():
        colour = "white" if mask[0, 0] > 0.5 else "black"
        raise MediaError(f"{file} is {colour} all over; paint white where the look applies and black elsewhere")
    if np.mean((mask > 0.1) & (mask < 0.9)) > GREY:
        log.warning("%s has much grey; all above half is taken as white, and soft edges come from --feather", file)
    return np.asarray(mask, np.float32)


def mask_file(store: Store, shot: str, digest: str) -> Path:
    """Where a mask is kept. ProjectError where a link leads out of the project."""
    path = store.folder / "shots" / shot / "masks" / f"{digest}.png"
    if not path.resolve().is_relative_to(store.folder):
        raise ProjectError(f"{path.relative_to(store.folder)} leads out of the project; remove that link")
    return path


def kept_mask(store: Store, shot: str, digest: str) -> Array:
    """A mask that was taken in, (H, W). ProjectError where it is gone or was changed since."""
    path = mask_file(store, shot, digest)
    if not path.exists():
        raise ProjectError(f"mask {path.relative_to(store.folder)} is gone; give it again with --mask")
    try:
        kept = read_png(path)
    except MediaError:
        kept = None
    if kept is None or pixels_digest(kept) != digest:
        raise ProjectError(f"mask {path.relative_to(store.folder)} was changed; remove it and give it with --mask")
    return kept[0]


class ShotMasks:
    """The mask on every frame of a take in the making, one PNG a frame in its `masks` folder.

    Args:
        mask: taken in.
        source: the shot's footage.
        partial: the take; a carrying that was interrupted goes on where it was.
        cache: direction ("forward", "backward") -> motion against the mask's frame, shared with other renders.
        params: of that motion.
    """

    def __init__(
        self,
        store: Store,
        shot: Shot,
        mask: Mask,
        source: ShotSource,
        partial: PartialTake,
        cache: Callable[[str], MotionCache],
        params: TrackParams,
    ) -> None:
        self._shot, self._mask, self._source, self._partial, self._cache = shot, mask, source, partial, cache
        self._pass = MaskPass(source.frame(mask.frame), kept_mask(store, shot.id, mask.sha256), params)

    def carry(self, first: int, last: int) -> None:
        """Make the masks of footage frames [first, last) that are not there yet."""
        self._keep(self._mask.frame, self._pass.start)
        self._carry("forward", 1, last - 1 - self._mask.frame)
        self._carry("backward", -1, self._mask.frame - first)

    def laid(self, frame: int, source: Array, styled: Array) -> Array:
        """A frame of the take: the look where the mask says so, the source's own values everywhere else."""
        mask = feathered(read_png(self._file(frame))[0], self._mask.feather)
        return composite(source, styled, 1 - mask if self._mask.protect else mask)

    def _carry(self, direction: str, sign: int, length: int) -> None:
        cache, start = self._cache(direction), self._mask.frame
        since = self._progress(direction, sign, cache)
        if since.index >= length:
            return
        go = self._source.forwards if sign > 0 else self._source.backwards
        stream = go(start + sign * since.index)
        previous = next(stream)
        for carried in self._pass.steps(previous, islice(stream, length - since.index), since, cache):
            self._keep(start + sign * carried.index, carried)
            self._partial.save_state(f"mask-{direction}", {"index": np.array(carried.index), "way": carried.way})

    def _progress(self, direction: str, sign: int, cache: MotionCache) -> Carried:
        """How far an interrupted carrying had come; from the painted frame where its motion is no longer known."""
        state = self._partial.state(f"mask-{direction}")
        motion = cache.get(int(state["index"])) if state else None
        if motion is None:
            return self._pass.start
        index = int(state["index"])
        return Carried(index, read_png(self._file(self._mask.frame + sign * index))[0], state["way"], motion)

    def _keep(self, frame: int, carried: Carried) -> None:
        self._file(frame).parent.mkdir(exist_ok=True)
        write_png(self._file(frame), np.repeat(carried.mask[None], 3, 0))

    def _file(self, frame: int) -> Path:
        return self._partial.folder / "masks" / f"{self._shot.number(frame):04d}.png"
