"""First frame and camera as the released code has them, for comparison: crops of a picture that is larger than the frame.

Ours is `motion.camera`: a view that starts as the whole first frame, of any shape, and may leave it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Literal

import cv2
import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.types import Array
from v2v_studio.warping import pixels, planes

Move = Literal["pan_left", "pan_right", "zoom_in", "zoom_out"]
RATIO = 1.5  # of a zoom


def released_view(picture: Array, size: tuple[int, int], move: Move | None = None, frames: int = 16) -> Array:
    """What is seen of a picture (section 8 of the fact sheet).

    A zoom out, which the released code does not get through, is the one it means.

    Args:
        picture: (3, H, W) in [0, 1].
        size: (height, width) of the frames.
        move: of the camera; None: one frame, the middle of the picture.

    Returns:
        (T, 3, height, width).

    Raises:
        UsageError: the picture is no wider than the frame and cannot be panned over, or a zoom is not square.
    """
    if move is None:
        return _middle(_shorter_edge(picture, size[0]), size, round)[None]
    if move.startswith("pan"):
        return _panned(_shorter_edge(picture, size[0]), size, move == "pan_left", frames)
    return _zoomed(_shorter_edge(picture, 2 * size[0]), size, move == "zoom_in", frames)


def _panned(picture: Array, size: tuple[int, int], to_the_left: bool, frames: int) -> Array:
    room = picture.shape[2] - size[1]
    if picture.shape[1] != size[0] or room <= 0:
        raise UsageError("the released pan needs a picture that is wider than its frame; use motion.camera")
    shares = [1 - i / frames if to_the_left else i / frames for i in range(frames)]
    return np.stack([picture[:, :, int(room * share) : int(room * share) + size[1]] for share in shares])


def _zoomed(picture: Array, size: tuple[int, int], inwards: bool, frames: int) -> Array:
    if size[0] != size[1]:
        raise UsageError(f"the released zoom makes squares, not {size[1]}x{size[0]}; use motion.camera")
    side = min(picture.shape[1:])
    small = int(side // RATIO)
    ways = [int((side - side // RATIO) * i / frames) for i in range(frames)]
    sides = [side - way if inwards else small + way for way in ways]
    return np.stack([_resized(_middle(picture, (one, one), floor), size) for one in sides])


def _middle(picture: Array, size: tuple[int, int], whole: Callable[[float], int]) -> Array:
    """The middle of a picture, its corner made whole pixels; black beside one that is too narrow."""
    (_, h, w), (height, width) = picture.shape, size
    narrow = max(0, width - w)
    wide = np.pad(picture, ((0, 0), (0, 0), (narrow // 2, narrow - narrow // 2)))
    top, left = whole((h - height) / 2), whole((wide.shape[2] - width) / 2)
    return wide[:, top : top + height, left : left + width]


def _shorter_edge(picture: Array, edge: int) -> Array:
    """The picture with its shorter edge so long, its longer one cut to whole pixels."""
    _, h, w = picture.shape
    return _resized(picture, (int(edge * h / w), edge) if w <= h else (edge, int(edge * w / h)))


def _resized(picture: Array, size: tuple[int, int]) -> Array:
    """Bilinear, without filtering first."""
    return planes(np.asarray(cv2.resize(pixels(picture), size[::-1], interpolation=cv2.INTER_LINEAR)))
