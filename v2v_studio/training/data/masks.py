"""Masks as COCO and YouTube-VIS write them, and the boxes round them.

Pixels are counted down the first column, then down the second, and so on. Run lengths are of pixels outside and inside in
turn, from outside; they are a list of numbers, or packed into a text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Corners = tuple[float, float, float, float]


def box_of(mask: Any) -> Corners | None:
    """x0, y0, x1, y1 round a mask: run lengths {"size": [H, W], "counts": ...}, or polygons [[x, y, x, y, ...], ...].

    None for an empty one.
    """
    return _round_runs(mask["counts"], mask["size"][0]) if isinstance(mask, dict) else _round_points(mask)


def _round_points(polygons: list[list[float]]) -> Corners | None:
    points = np.array([number for polygon in polygons for number in polygon]).reshape(-1, 2)
    if not len(points):
        return None
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return float(x0), float(y0), float(x1), float(y1)


def _round_runs(counts: list[int] | str, height: int) -> Corners | None:
    ends = np.cumsum(unpacked(counts) if isinstance(counts, str) else counts)
    starts, stops = ends[:-1:2], ends[1::2]  # of the runs inside
    starts, stops = starts[stops > starts], stops[stops > starts]
    if not len(starts):
        return None
    first, last = starts // height, (stops - 1) // height
    turns = first < last  # a run that goes on in the next column reaches the bottom of one and the top of the other
    top = np.where(turns, 0, starts % height).min()
    bottom = np.where(turns, height - 1, (stops - 1) % height).max()
    return float(first.min()), float(top), float(last.max() + 1), float(bottom + 1)


def unpacked(text: str) -> list[int]:
    """The run lengths of a packed text.

    A character holds, less 48, five bits of a number, the lowest first, and whether more follow; the highest bit of the
    last is the sign. From the fourth number on it is the difference to the one two before.
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    return counts
