"""A frame laid out of the brush strokes of a style picture: patch-based synthesis from coarse to fine.

Image analogies (Hertzmann et al. 2001) by expectation and maximisation (Kwatra et al. 2005): patches of the style are
sought that look like what is laid so far, from a place of like tone, colour and direction; they are laid over each
other; and again.
"""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import blur, tangents, unit
from v2v_studio.translators.palette import Plane
from v2v_studio.translators.reference.patches import REACH, SIDE, lay, search, wear

SHRINKS = (8, 4, 2)  # of the levels before the last, which has the picture's own size
ROUNDS = (6, 4, 3, 2)  # of searching and laying at each level, coarse to fine
PARTS = np.float32(3)  # of a delta E: the unit of a channel
WEIGHTS = np.array([1.3, 0.7, 0.7, 10, 10], np.float32)  # of the guides: tone, colour, direction; what is laid has 1
NEAR, AFAR = 2.0, 5.0  # sigma of the guides in 1/480 of the shorter side; afar, a style's strokes are tones
WORN = 4000.0  # what a place is dearer by when it was used as often as the average
CLOSED = 2**30


def laid(frame: Plane, style: Plane, cover: Plane, seed: int) -> Plane:
    """The frame as the style picture's strokes would lay it: (H, W, 3) Lab.

    Args:
        frame: (H, W, 3) Lab, in the style's colours.
        style: (H', W', 3) Lab. cover: (H', W') in [0, 1]; only patches that lie in full cover are used.
        seed: of the search.
    """
    frame = np.pad(frame, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="symmetric")
    goals, styles, covers = (
        _levels(guides(frame, NEAR)),
        _levels(np.dstack([style, guides(style, AFAR)])),
        _levels(cover),
    )
    chance = np.random.default_rng(seed)
    canvas, match = _levels(frame)[0], _scattered(goals[0].shape, styles[0].shape, chance)
    for level, (goal, source, open_) in enumerate(zip(goals, styles, covers, strict=True)):
        h, w = goal.shape[:2]
        if level:
            canvas = cv2.resize(canvas, (w, h), interpolation=cv2.INTER_LINEAR)
            match = _finer(match, (h, w), source.shape)
        closed = np.where(cv2.erode(open_, np.ones((SIDE, SIDE))) < 0.99, CLOSED, 0)
        own = np.ascontiguousarray(source[..., :3])
        key = _channels(own, source[..., 3:])
        for turn in range(ROUNDS[level]):
            used = wear(match, *source.shape[:2])
            price = np.where(closed > 0, closed, WORN * np.minimum(used / used.mean(), 10)).astype(np.int32)
            for sweep in range(2):
                search(_channels(canvas, goal), key, match, price, sweep, int(chance.integers(2**31)))
            last = level == len(goals) - 1 and turn == ROUNDS[level] - 1
            canvas = lay(match, own, _bell(0.6 if last else 1.5))
    return canvas[REACH:-REACH, REACH:-REACH]


def guides(lab: Plane, sigma: float) -> Plane:
    """What strokes go by: (H, W, 5) tone, colour (2) and the direction of edges as twice its angle's cosine and sine."""
    far = blur(lab, sigma * unit(lab))
    along = tangents(lab / np.float32(100), 3 * unit(lab))
    c, s = along[..., 0], along[..., 1]
    return np.dstack([far, c * c - s * s, 2 * c * s]) * WEIGHTS


def _levels(picture: Plane) -> list[Plane]:
    """A picture (H, W) or (H, W, C) at an eighth, a quarter, half and all of its size."""
    h, w = picture.shape[:2]
    sizes = [(max(SIDE, w // k), max(SIDE, h // k)) for k in SHRINKS]
    planes = cv2.split(picture)  # one by one, as OpenCV does not average over more than four
    small = [np.dstack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in planes]) for size in sizes]
    return [*small, picture]


def _channels(seen: Plane, guide: Plane) -> Plane:
    """What patches are compared by, as whole numbers: (H, W * 8) int16."""
    values = np.rint(np.dstack([seen, guide]) * PARTS).astype(np.int16)
    return values.reshape(len(values), -1)


def _scattered(goal: tuple[int, ...], style: tuple[int, ...], chance: np.random.Generator) -> Plane:
    """A random match for every pixel: (H, W, 2) int32."""
    most = np.array(style[:2]) - 2 * REACH
    return chance.integers(0, most, (*goal[:2], 2)).astype(np.int32) + REACH


def _finer(match: Plane, goal: tuple[int, int], style: tuple[int, ...]) -> Plane:
    """The matches of a level twice as coarse, spread over this one."""
    y, x = (np.minimum(np.arange(n) // 2, m - 1) for n, m in zip(goal, match.shape, strict=False))
    odd = np.stack(np.meshgrid(np.arange(goal[0]) % 2, np.arange(goal[1]) % 2, indexing="ij"), 2)
    moved = 2 * match[np.ix_(y, x)] + odd
    return np.clip(moved, REACH, np.array(style[:2]) - 1 - REACH).astype(np.int32)


def _bell(sigma: float) -> Plane:
    """(5, 5) weights of the pixels of a patch."""
    far = np.arange(-REACH, REACH + 1)
    return np.exp(-(far[:, None] ** 2 + far**2) / (2 * sigma**2)).astype(np.float32)
