"""Example-based synthesis: fill part of a frame with overlapping patches of the key.

After Kwatra et al. 2005 (texture optimisation), Barnes et al. 2009 (PatchMatch) and Jamriska et al. 2019 (guides that
carry a painted key through footage): patches are chosen by what has been synthesised so far, by the frame before moved
here, by the source frame's colour and edges, and by where the tracker says they come from; then the patches that overlap
a pixel vote for its colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from v2v_studio.renderers.embedded.features import gradient
from v2v_studio.renderers.embedded.patches import CHANNELS, PARTS, REACH, sweep, vote
from v2v_studio.types import Array
from v2v_studio.warping import grid

NEW, OLD, COLOUR, EDGES = 1.0, 1.2, 5.7, 1.8  # weight of the output so far, the frame before, and the source's guides
PLACE = 25 * 0.7  # pull towards the tracked place, per squared pixel of the finest level
STRAY = 2.5  # pixels: a match this close to the tracked place is put back on it
ASTRAY = 0.75  # pixels from the tracked place, more than rounding: a match that found something else
SIDE = 2 * (2 * REACH + 1)  # a picture must be this large to have a coarser level


@dataclass(frozen=True)
class Pass:
    """How hard one level of the pyramid is searched."""

    iterations: int
    radius: float
    tries: int


PASSES = (Pass(2, 6, 2), Pass(4, 24, 4))  # fine, coarse


@dataclass(frozen=True)
class Level:
    """The key at one size: its colours (H, W, 3), and the channels its patches are compared by (H, W * CHANNELS)."""

    colours: Array
    channels: np.ndarray


@dataclass(frozen=True)
class Task:
    """What to synthesise.

    Attributes:
        source: (H, W, 3) in 0..255, the source frame.
        draft: (H, W, 3), what stands outside the band.
        previous: (H, W, 3), the output before, moved to this frame; None if there is none.
        place: (H, W, 2), where the tracker says each pixel is in the key; `sure` (H, W) in [0, 1].
        band: (H, W) bool, the pixels to synthesise.
        hole: (H, W) in [0, 1], how surely the key does not show a pixel.
        price: (H, W), what a pixel of the key costs as filling of a hole.
    """

    source: Array
    draft: Array
    previous: Array | None
    place: Array
    sure: Array
    band: np.ndarray
    hole: Array
    price: Array


class Synthesis:
    """Patches of one key.

    Args:
        source, styled: (H, W, 3) in 0..255.
    """

    def __init__(self, source: Array, styled: Array) -> None:
        guides = _guides(source)
        self._levels = [Level(styled, _channels(styled, guides))]
        if min(source.shape[:2]) >= SIDE:
            styled, guides = halved(styled), halved(guides)
            self._levels.append(Level(styled, _channels(styled, guides)))

    def __call__(self, task: Task, seed: int) -> tuple[Array, Array]:
        """The draft with its band synthesised, (H, W, 3); and (H, W), what share of the patches over a pixel strayed."""
        guides, tasks = [_guides(task.source)], [task]
        if len(self._levels) > 1:
            guides.append(halved(guides[0]))
            tasks.append(_halved_task(task))
        out, match = task.draft, None
        for size in reversed(range(len(self._levels))):
            out, match = self._level(size, tasks[size], guides[size], _start(tasks[size], match), seed)
        assert match is not None
        strayed = np.abs(match - task.place).max(2) > ASTRAY
        return out, cv2.blur(strayed.astype(np.float32), (2 * REACH + 1,) * 2)

    def _level(self, size: int, task: Task, guides: Array, match: np.ndarray, seed: int) -> tuple[Array, np.ndarray]:
        key, work = self._levels[size], PASSES[size]
        strokes = key.colours.reshape(len(key.colours), -1)
        near = cv2.dilate(task.band.astype(np.uint8), np.ones((2 * REACH + 1,) * 2, np.uint8)) > 0
        out = task.draft.copy()
        target = _channels(out, guides)
        colours = target.reshape(*out.shape[:2], CHANNELS)[..., :3]
        pull = np.float32(PLACE * 4**size) * (np.float32(0.15) + np.float32(0.85) * task.sure)
        for i in range(work.iterations):
            vote(match, strokes, task.band, near, out)
            colours[:] = np.rint(_blend(out, task.previous) * _weight(NEW + OLD))
            sweep(
                target,
                key.channels,
                match,
                task.place,
                pull,
                task.hole,
                task.price,
                task.band,
                i % 2 == 0,
                work.radius,
                work.tries,
                seed * 8 + size * 4 + i,
            )
        vote(match, strokes, task.band, near, out)
        return out, match


def _start(task: Task, coarser: np.ndarray | None) -> np.ndarray:
    """Matches to begin with: the coarser level's where they strayed from the tracked place, else that place."""
    height, width = task.band.shape
    match = np.rint(task.place).astype(np.int32)
    if coarser is not None:
        doubled = 2 * _continued(coarser).repeat(2, 0).repeat(2, 1)[:height, :width]
        doubled += grid(height, width).astype(np.int32) % 2
        strayed = np.square(doubled - task.place).sum(2) > STRAY**2
        match = np.where(strayed[..., None], doubled, match)
    limit = np.array([width - 1 - REACH, height - 1 - REACH])
    return np.clip(match, REACH, limit, out=match)


def _continued(match: np.ndarray) -> np.ndarray:
    """Matches whose margin, where no patch fits, goes on from the nearest pixel inside."""
    height, width = match.shape[:2]
    here = grid(height, width).astype(np.int32)
    inside = np.clip(here, REACH, np.array([width - 1 - REACH, height - 1 - REACH]))
    return match[inside[..., 1], inside[..., 0]] + here - inside


def _guides(source: Array) -> Array:
    """(H, W, 4): blurred colour and edge strength."""
    luma = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY)
    edges = gradient(luma)
    return np.dstack([cv2.GaussianBlur(source, (0, 0), 0.5), np.clip(edges / 3, 0, 255)])


def _channels(colours: Array, guides: Array) -> np.ndarray:
    """(H, W * CHANNELS) int16: channels scaled so that the squared distance of two patches is their energy."""
    height, width = colours.shape[:2]
    out = np.zeros((height, width, CHANNELS), np.int16)
    out[..., :3] = np.rint(colours * _weight(NEW + OLD))
    out[..., 3:6] = np.rint(guides[..., :3] * _weight(COLOUR))
    out[..., 6] = np.rint(guides[..., 3] * np.float32(EDGES * PARTS))
    return out.reshape(height, width * CHANNELS)


def _weight(of_three: float) -> np.float32:
    return np.float32(np.sqrt(of_three / 3) * PARTS)


def _blend(now: Array, before: Array | None) -> Array:
    if before is None:
        return now
    return now + np.float32(OLD / (NEW + OLD)) * (before - now)


def _halved_task(task: Task) -> Task:
    return Task(
        source=task.source,
        draft=halved(task.draft),
        previous=None if task.previous is None else halved(task.previous),
        place=(halved(task.place) - np.float32(0.5)) * np.float32(0.5),
        sure=halved(task.sure),
        band=halved(task.band.astype(np.float32)) > 0,
        hole=halved(task.hole),
        price=halved(task.price),
    )


def halved(image: np.ndarray) -> np.ndarray:
    """Half size, each pixel the mean of four; an odd side is continued by its last pixel."""
    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
