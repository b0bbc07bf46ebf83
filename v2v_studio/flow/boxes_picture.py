"""Boxes drawn onto frames, for people."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.types import Array, BoxSequence

LINE = 320  # lines of a picture to one pixel of a box's border
GOLDEN = 0.618034  # of the colour circle from one object to the next, so that no two near in order are alike


def overlaid(frame: Array, boxes: BoxSequence) -> Array:
    """A frame (3, H, W) with its boxes, each in its object's colour and with its phrase.

    Args:
        boxes: of one frame, in its pixels.
    """
    for number in np.flatnonzero(boxes.present[0]).tolist():
        frame = outlined(frame, boxes.boxes[0, number], boxes.phrases[number], number)
    return frame


def outlined(frame: Array, box: Array, phrase: str, number: int) -> Array:
    """A frame (3, H, W) with one box, x0, y0, x1, y1.

    Args:
        number: of the object, which gives the colour.
    """
    picture = np.ascontiguousarray(to_uint8(frame).transpose(1, 2, 0))
    _drawn(picture, box, phrase or f"box {number + 1}", colour(number), max(1, round(min(frame.shape[1:]) / LINE)))
    return from_uint8(picture.transpose(2, 0, 1))


def colour(number: int) -> tuple[int, int, int]:
    """RGB of an object."""
    red, green, blue = colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.85, 1)
    return round(red * 255), round(green * 255), round(blue * 255)


def _drawn(picture: np.ndarray, box: Array, phrase: str, colour: tuple[int, int, int], unit: int) -> None:
    x0, y0, x1, y1 = (round(float(v)) for v in box)
    cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), (0, 0, 0), 3 * unit)
    cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), colour, unit)
    text = phrase.encode("ascii", "replace").decode()  # of which alone OpenCV has letters
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.4 * unit, unit)
    left = min(max(x0, 0), max(0, picture.shape[1] - width - 4 * unit))
    top = y0 - 2 * unit if y0 > height + 4 * unit else max(y0, 0) + height + 5 * unit
    cv2.rectangle(picture, (left, top - height - 3 * unit), (left + width + 4 * unit, top + 2 * unit), (0, 0, 0), -1)
    cv2.putText(picture, text, (left + 2 * unit, top - unit), 0, 0.4 * unit, colour, unit, cv2.LINE_AA)
