"""Motion as Middlebury's .flo files, which other programs read and write: one field a file, no compression.

A header of a magic number, width and height, then x and y of every pixel, row by row, in float32, all little-endian
(Baker et al. 2011).
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import check_file
from v2v_studio.types import Array

_HEAD = struct.Struct("<fii")
_MAGIC = 202021.25  # the bytes "PIEH"
MAX_SIDE = 16384


def write_flo(path: Path, displacement: Array) -> None:
    """Write one displacement (2, H, W) in pixels."""
    _, height, width = displacement.shape
    values = np.ascontiguousarray(displacement.transpose(1, 2, 0), "<f4")
    path.write_bytes(_HEAD.pack(_MAGIC, width, height) + values.tobytes())


def read_flo(path: Path) -> Array:
    """The displacement (2, H, W) of a file, in pixels.

    Raises:
        MediaError: missing, no such file, cut off, absurdly large, or with values that are not finite.
    """
    check_file(path)
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD.size)
            magic, width, height = _HEAD.unpack(head) if len(head) == _HEAD.size else (0.0, 0, 0)
            if magic != _MAGIC or not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
                raise MediaError(
                    f"{path} is no .flo file; write it as float32 x, y after the header of Middlebury's format"
                )
            data = file.read(8 * width * height + 1)
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror}); give a .flo file") from None
    if len(data) != 8 * width * height:
        raise MediaError(f"{path} is not as long as its size of {width}x{height} asks for; write it again")
    values = np.frombuffer(data, "<f4").reshape(height, width, 2)
    if not np.isfinite(values).all():
        raise MediaError(f"{path} holds values that are not finite; write a number for every pixel, 0 for no motion")
    return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32)
