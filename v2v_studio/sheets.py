"""Sheets: rows of pictures with captions, for people. The same cells give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from v2v_studio.types import Array

Colour = tuple[int, int, int]

BACKGROUND: Colour = (34, 34, 36)
TEXT: Colour = (222, 222, 222)
STATUS: dict[str, Colour] = {
    "todo": (128, 128, 132),
    "wip": (74, 144, 226),
    "review": (232, 178, 58),
    "approved": (86, 176, 96),
    "retake": (222, 110, 60),
    "omit": (84, 84, 88),
    "rejected": (206, 72, 72),
    "pending": (128, 128, 132),
    "failed": (206, 72, 72),
}


@dataclass(frozen=True)
class Cell:
    """One picture of a sheet.

    Attributes:
        picture: (3, h, w) RGB in [0, 1], any size.
        caption: shown below the picture, cut with "…" where it is longer than the picture is wide.
        status: a word of `STATUS`; shown as a bar of its colour along the picture's lower edge. "" shows none.
    """

    picture: Array
    caption: str = ""
    status: str = ""


def sheet(rows: Sequence[Sequence[Cell]], height: int = 240, title: str = "") -> Array:
    """Rows of cells on one quiet background -> (3, H, W) float32 in [0, 1].

    Every picture is scaled to `height` lines and keeps its aspect; rows start at the left, gaps are even.

    Args:
        rows: cells, row by row; rows may differ in length.
        height: lines of each picture.
        title: a heading above the first row.

    Raises:
        ValueError: there is no cell.

    Example:
        >>> red, grey = np.zeros((3, 90, 160), np.float32), np.ones((3, 160, 90), np.float32)
        >>> sheet([[Cell(red, "sh010"), Cell(grey, "sh020")]], height=90).shape[2]
        223
    """
    if not any(len(row) for row in rows):
        raise ValueError("a sheet needs at least one cell")
    gap = max(4, height // 24)
    font = ImageFont.load_default(max(11, height // 15))
    line = round(font.getbbox("Ág")[3]) + gap // 2
    pictures = [[_scaled(cell, height) for cell in row] for row in rows if len(row)]
    rows = [row for row in rows if len(row)]
    foot = [line if any(cell.caption for cell in row) else 0 for row in rows]
    head = line + gap // 2 if title else 0

    width = max(sum(p.shape[1] + gap for p in row) for row in pictures) + gap
    canvas = Image.new("RGB", (width, head + sum(height + gap + f for f in foot) + gap), BACKGROUND)
    draw = ImageDraw.Draw(canvas)
    draw.text((gap, gap), title, TEXT, font)
    y = gap + head
    for row, row_pictures, below in zip(rows, pictures, foot, strict=True):
        x = gap
        for cell, picture in zip(row, row_pictures, strict=True):
            w = picture.shape[1]
            canvas.paste(Image.fromarray(picture), (x, y))
            if cell.status:
                bar = max(3, height // 50)
                draw.rectangle((x, y + height - bar, x + w - 1, y + height - 1), STATUS[cell.status])
            draw.text((x, y + height + gap // 3), _fitted(cell.caption, w, font), TEXT, font)
            x += w + gap
        y += height + gap + below
    return np.ascontiguousarray(np.asarray(canvas, np.float32).transpose(2, 0, 1) / 255)


def before_after(before: Array, after: Array, caption: str = "") -> Array:
    """The footage and its styled frame side by side, as (3, H, W): what `stylize` shows of its work."""
    height = min(max(before.shape[1], 120), 720)
    return sheet([[Cell(before, "before"), Cell(after, "after")]], height, title=caption)


def _scaled(cell: Cell, height: int) -> np.ndarray:
    """The picture at `height` lines, (height, w, 3) uint8; area average where it shrinks, so that nothing aliases."""
    _, h, w = cell.picture.shape
    size = (max(1, round(w * height / h)), height)
    pixels = (np.clip(cell.picture.transpose(1, 2, 0), 0, 1) * 255 + 0.5).astype(np.uint8)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if height <= h else cv2.INTER_CUBIC)


def _fitted(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """As much of the text as fits a width in pixels."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…" if text else ""
