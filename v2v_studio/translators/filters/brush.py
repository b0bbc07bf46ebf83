"""Brush strokes: stamps with bristles, bent and turned along the structure, laid where the canvas is still wrong.

Painterly rendering in layers from broad to fine (Hertzmann 1998), strokes oriented and shortened by the picture
(Litwinowicz 1997). The number of strokes and their order do not depend on the picture's size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import Plane, blur, unit

TURNS = 24  # angles that a stamp is made for
BENDS = (-1.0, 0.0, 1.0)
SPREADS = (1.0, 0.55)
HANDS = 2
SPACING = 0.6  # distance of strokes, in widths
PLAN = 256  # strokes planned across and down, then repeated


@dataclass(frozen=True)
class Brush:
    """Lengths in 1/480 of the picture's shorter side.

    Attributes:
        width, length: of a stroke.
        bristle: 0 is a smooth mark, 1 shows every hair and breaks up at its end.
        jitter: how far the colour of a stroke strays from the picture's.
        error: where the canvas is nearer to the picture than this (RGB distance), no stroke is laid.
    """

    width: float
    length: float
    bristle: float = 0.5
    jitter: float = 0.03
    error: float = 0.0


def stamp(brush: Brush, scale: float, angle: float, bend: float, spread: float, hand: int, seed: int) -> Plane:
    """One stroke heading along `angle` as (n, n, 2): cover in [0, 1] and height of the paint.

    Args:
        brush: what leaves the mark.
        scale: `unit` of the picture.
        angle: in radians, from x to the right towards y downwards.
        bend: curvature, -1, 0 or 1.
        spread: share of the brush's length.
        hand: which of several sets of hairs.
        seed: of the hairs.
    """
    half_length, half_width = brush.length * scale * spread / 2, max(brush.width * scale / 2, 0.5)
    reach = int(np.ceil(half_length + half_width)) + 1
    y, x = np.indices((2 * reach + 1, 2 * reach + 1), dtype=np.float32) - np.float32(reach)
    u = (x * np.cos(angle) + y * np.sin(angle)) / half_length
    v = (y * np.cos(angle) - x * np.sin(angle) + bend * half_length * 0.35 * (u * u - 0.5)) / half_width

    hairs = np.random.default_rng([seed, hand, 7]).random((1, 64), dtype=np.float32)
    hair = np.interp(v * 9 + 31, np.arange(64), cv2.GaussianBlur(hairs, (0, 0), 0.8)[0])
    end = 1 - 0.55 * brush.bristle * hair * np.where(u > 0, 1, 0.4)
    side = np.clip((1 - np.abs(v)) / max(0.25, 1 / half_width), 0, 1)
    tip = np.clip((end - np.sqrt(u * u + 0.25 * v**4)) * half_length / max(0.35 * half_width, 1), 0, 1)
    dry = 1 - brush.bristle * 0.75 * np.clip(u * 0.7 + 0.5, 0, 1) * np.clip(hair * 2.2 - 0.75, 0, 1)
    ridge = np.exp(-(((np.abs(v) - 0.8) / 0.15) ** 2))
    height = (0.35 + 0.65 * hair * brush.bristle + 0.35 * ridge) * (0.7 + 0.3 * u)
    return np.dstack([0.95 * side * tip * dry, height]).astype(np.float32)


def lay(canvas: Plane, goal: Plane, direction: Plane, brush: Brush, seed: int) -> None:
    """Paint one layer of strokes, in place.

    Args:
        canvas: (H, W, 4), the painting so far: RGB, and the height of the paint.
        goal: (H, W, 3), the colours to reach.
        direction: (H, W, 2) unit vectors that strokes follow.
        brush: what paints.
        seed: of places, order, hairs and colours.
    """
    h, w = goal.shape[:2]
    scale = unit(goal)
    pitch = max(SPACING * brush.width * scale, 1.0)  # more than one stroke a pixel is never seen
    rows, columns = int(np.ceil(h / pitch)), int(np.ceil(w / pitch))
    # one plan for every size: a larger picture has the same strokes, and a wider one has more to the right
    plan = np.random.default_rng([seed, round(brush.width * 16)]).random((PLAN, PLAN, 8), dtype=np.float32)
    plan = plan[np.ix_(np.arange(rows) % PLAN, np.arange(columns) % PLAN)].reshape(-1, 8)
    row, column = np.divmod(np.arange(rows * columns), columns)
    y = np.minimum((row + plan[:, 0]) * pitch, h - 1).astype(np.int32)
    x = np.minimum((column + plan[:, 1]) * pitch, w - 1).astype(np.int32)

    target = blur(goal, 0.3 * brush.width * scale)
    wrong = np.sqrt(((blur(np.ascontiguousarray(canvas[..., :3]), 0.3 * brush.width * scale) - target) ** 2).sum(2))
    order = np.argsort(plan[:, 2], kind="stable")
    order = order[wrong[y[order], x[order]] >= brush.error]
    y, x, plan = y[order], x[order], plan[order]

    heading = (
        np.arctan2(direction[y, x, 1], direction[y, x, 0]) + (plan[:, 3] - 0.5) * 0.35 + np.pi * (plan[:, 4] > 0.5)
    )
    turn = np.round(heading / (2 * np.pi) * TURNS).astype(int) % TURNS
    bend, spread = _shape(target, direction, heading, x, y, brush.length * scale / 2)
    hand = (plan[:, 5] * HANDS).astype(int)
    tint = target[y, x] + brush.jitter * ((plan[:, 6:7] - 0.5) * 2 + plan[:, 5:8] - 0.5)
    tint = np.clip(tint, 0, 1)

    @cache
    def mark(turn: int, bend: int, spread: int, hand: int) -> Plane:
        return stamp(brush, scale, turn * 2 * np.pi / TURNS, BENDS[bend], SPREADS[spread], hand, seed)

    for k in range(len(x)):
        _press(canvas, mark(turn[k], bend[k], spread[k], hand[k]), int(x[k]), int(y[k]), tint[k])


def _shape(target: Plane, direction: Plane, heading: Plane, x: Plane, y: Plane, reach: float) -> tuple[Plane, Plane]:
    """Index into BENDS and SPREADS for each stroke: bent as the field bends, short where it would cross an edge."""
    h, w = target.shape[:2]
    c, s = np.cos(heading), np.sin(heading)
    curl, change = np.zeros(len(x)), np.zeros(len(x))
    for sign in (1, -1):
        end_x = np.clip(x + sign * reach * c, 0, w - 1).astype(np.int32)
        end_y = np.clip(y + sign * reach * s, 0, h - 1).astype(np.int32)
        there = direction[end_y, end_x]
        facing = np.sign(c * there[:, 0] + s * there[:, 1])
        curl += 0.5 * sign * facing * (c * there[:, 1] - s * there[:, 0])
        change = np.maximum(change, np.abs(target[end_y, end_x] - target[y, x]).max(1))
    return np.where(curl > 0.25, 0, np.where(curl < -0.25, 2, 1)), (change > 0.12).astype(int)


def _press(canvas: Plane, mark: Plane, x: int, y: int, tint: Plane) -> None:
    """Blend one stamp into the canvas at (x, y), clipped at the border."""
    reach = mark.shape[0] // 2
    top, left = max(y - reach, 0), max(x - reach, 0)
    bottom, right = min(y + reach + 1, canvas.shape[0]), min(x + reach + 1, canvas.shape[1])
    part = mark[top - y + reach : bottom - y + reach, left - x + reach : right - x + reach]
    cover, height = part[..., 0], part[..., 1]
    below = canvas[top:bottom, left:right]
    below[..., :3] += cover[..., None] * (tint - below[..., :3])
    below[..., 3] += cover * (height - below[..., 3])
