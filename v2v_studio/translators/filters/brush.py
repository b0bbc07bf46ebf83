"""Brush strokes: stamps with bristles, bent and turned along the structure, laid where the canvas is still wrong.

Painterly rendering in layers from broad to fine (Hertzmann 1998), strokes oriented and shortened by the picture
(Litwinowicz 1997). The number of strokes and their order do not depend on the picture's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import blur, unit
from v2v_studio.types import Array

TURNS = 24
BENDS = (-1.0, 0.0, 1.0)
SPREADS = (1.0, 0.55)
HANDS = 2
PLAN = 640


@dataclass(frozen=True)
class Brush:
    """Lengths in 1/480 of the picture's shorter side.

    Attributes:
        width, length: of a stroke.
        bristle: 0 is a smooth mark, 1 shows every hair and breaks up at its end.
        opacity: of the paint.
        jitter: how far the colour of a stroke strays from the picture's.
        error: where the canvas is nearer to the picture than this (RGB distance), no stroke is laid.
        spacing: distance of strokes, in widths.
    """

    width: float
    length: float
    bristle: float = 0.5
    opacity: float = 0.95
    jitter: float = 0.03
    error: float = 0.0
    spacing: float = 0.6


def stamp(brush: Brush, scale: float, angle: float, bend: float, spread: float, hand: int, seed: int) -> Array:
    """One stroke as (n, n, 2): cover in [0, 1] and height of the paint, heading along `angle`."""
    half_length, half_width = brush.length * scale * spread / 2, max(brush.width * scale / 2, 0.5)
    reach = int(np.ceil(half_length + half_width)) + 1
    y, x = np.indices((2 * reach + 1, 2 * reach + 1), dtype=np.float32) - np.float32(reach)
    ahead = x * np.cos(angle) + y * np.sin(angle)
    aside = -x * np.sin(angle) + y * np.cos(angle)
    aside = aside + bend * half_length * 0.35 * ((ahead / half_length) ** 2 - 0.5)
    u, v = ahead / half_length, aside / half_width

    hairs = np.random.default_rng([seed, hand, 7]).random(64, dtype=np.float32)
    hair = np.interp(v * 9 + 31, np.arange(64), cv2.GaussianBlur(hairs[None], (0, 0), 0.8)[0]).astype(np.float32)
    end = 1 - 0.55 * brush.bristle * hair * (0.4 + 0.6 * (u > 0))
    soft = 0.5 / half_width
    side = np.clip((1 - np.abs(v)) / max(0.25, 2 * soft), 0, 1)
    tip = np.clip((end - np.sqrt(u * u + 0.25 * v * v * v * v)) * half_length / max(0.35 * half_width, 1.0), 0, 1)
    dry = 1 - brush.bristle * 0.75 * np.clip(u * 0.7 + 0.5, 0, 1) * np.clip(hair * 2.2 - 0.75, 0, 1)
    cover = brush.opacity * side * tip * dry
    height = (0.35 + 0.65 * hair * brush.bristle + 0.35 * np.exp(-(((np.abs(v) - 0.8) / 0.15) ** 2))) * (0.7 + 0.3 * u)
    return np.stack([cover, height], axis=2).astype(np.float32)


def lay(canvas: Array, height: Array, goal: Array, direction: Array, brush: Brush, seed: int, hold: Array | None = None) -> None:
    """Paint one layer of strokes over the canvas, in place.

    Args:
        canvas: (H, W, 3), painted on.
        height: (H, W), the paint's thickness, painted on.
        goal: (H, W, 3), the colours to reach.
        direction: (H, W, 2) unit vectors that strokes follow.
        brush: what paints.
        hold: (H, W) in [0, 1] or None: how well the ground takes paint here; a dry mark skips where it is low.
    """
    h, w = canvas.shape[:2]
    scale = unit(canvas)
    pitch = brush.width * brush.spacing * scale
    rows, columns = min(PLAN, int(np.ceil(h / pitch))), min(PLAN, int(np.ceil(w / pitch)))
    chance = np.random.default_rng([seed, round(brush.width * 16)]).random((PLAN, PLAN, 8), dtype=np.float32)
    plan = chance[:rows, :columns].reshape(-1, 8)
    row, column = np.divmod(np.arange(rows * columns), columns)
    y = np.minimum((row + plan[:, 0]) * pitch, h - 1).astype(np.int32)
    x = np.minimum((column + plan[:, 1]) * pitch, w - 1).astype(np.int32)

    target = blur(goal, 0.3 * brush.width * scale)
    wrong = np.sqrt(((blur(canvas, 0.3 * brush.width * scale) - target) ** 2).sum(2))
    laid = wrong[y, x] >= brush.error
    order = np.flatnonzero(laid)[np.argsort(plan[laid, 2], kind="stable")]
    y, x, plan = y[order], x[order], plan[order]

    heading = np.arctan2(direction[y, x, 1], direction[y, x, 0]) + (plan[:, 3] - 0.5) * 0.35 + np.pi * (plan[:, 4] > 0.5)
    turn = np.round(heading / (2 * np.pi) * TURNS).astype(int) % TURNS
    bend, spread = _shape(target, direction, heading, x, y, brush, scale)
    hand = (plan[:, 5] * HANDS).astype(int)
    tint = target[y, x] + (plan[:, 6, None] - 0.5) * 2 * brush.jitter + (plan[:, 5:8] - 0.5) * brush.jitter
    tint = np.clip(tint, 0, 1)

    stamps: dict[tuple[int, int, int, int], Array] = {}
    for k in range(len(x)):
        key = (int(turn[k]), int(bend[k]), int(spread[k]), int(hand[k]))
        if key not in stamps:
            stamps[key] = stamp(
                brush, scale, key[0] * 2 * np.pi / TURNS, BENDS[key[1]], SPREADS[key[2]], key[3], seed
            )
        _press(canvas, height, stamps[key], int(x[k]), int(y[k]), tint[k], hold)


def _shape(
    target: Array, direction: Array, heading: Array, x: Array, y: Array, brush: Brush, scale: float
) -> tuple[Array, Array]:
    """Index into BENDS and SPREADS for each stroke: bent as the field bends, short where it would cross an edge."""
    h, w = target.shape[:2]
    half = brush.length * scale / 2
    ends, turning = [], []
    for sign in (1, -1):
        ex = np.clip(x + sign * half * np.cos(heading), 0, w - 1).astype(np.int32)
        ey = np.clip(y + sign * half * np.sin(heading), 0, h - 1).astype(np.int32)
        ends.append(np.abs(target[ey, ex] - target[y, x]).max(1))
        turning.append(
            np.cos(heading) * direction[ey, ex, 1] * sign - np.sin(heading) * direction[ey, ex, 0] * sign
        )
        facing = np.cos(heading) * direction[ey, ex, 0] + np.sin(heading) * direction[ey, ex, 1]
        turning[-1] = np.where(facing < 0, -turning[-1], turning[-1])
    curl = (turning[0] + turning[1]) / 2
    bend = np.where(curl > 0.25, 0, np.where(curl < -0.25, 2, 1))
    return bend, (np.maximum(*ends) > 0.12).astype(int)


def _press(canvas: Array, height: Array, mark: Array, x: int, y: int, tint: Array, hold: Array | None) -> None:
    """Blend one stamp into canvas and height, clipped at the picture's border."""
    reach = mark.shape[0] // 2
    top, left = max(y - reach, 0), max(x - reach, 0)
    bottom, right = min(y + reach + 1, canvas.shape[0]), min(x + reach + 1, canvas.shape[1])
    part = mark[top - y + reach : bottom - y + reach, left - x + reach : right - x + reach]
    cover = part[..., 0]
    if hold is not None:
        cover = cover * hold[top:bottom, left:right]
    below = canvas[top:bottom, left:right]
    below += cover[..., None] * (tint - below)
    thickness = height[top:bottom, left:right]
    thickness += cover * (part[..., 1] - thickness)
