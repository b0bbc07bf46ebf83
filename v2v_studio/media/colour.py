"""Decoded samples -> RGB, with matrix and range explicit.

libswscale converts to RGB with a bias (16-bit white comes out 0.4 % dark) and lets some saturated colours wrap round,
so it is asked only to bring the chroma to full size, where luma passes unchanged. The matrix is ours, in float32.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from v2v_studio.types import Array

# name -> (K_R, K_B): the weights of red and blue in luma (ITU-T H.273, table 4)
MATRICES = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}
MATRIX_CODES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}  # H.273 code points
_BICUBIC = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


def has_alpha(pixel_format: VideoFormat) -> bool:
    return pixel_format.has_palette or any(component.is_alpha for component in pixel_format.components)


def is_transparent(frame: VideoFrame) -> bool:
    """Whether any pixel lets something through."""
    if not has_alpha(frame.format):
        return False
    family = "gbrap" if is_rgb(frame.format) else "yuva444p"
    planes, depth = _planes(frame, family, full=True)
    return bool((planes[3] < 2**depth - 1).any())


def is_rgb(pixel_format: VideoFormat) -> bool:
    return pixel_format.is_rgb or pixel_format.has_palette


def is_full_range(pixel_format: VideoFormat, tagged: int) -> bool:
    """Whether samples use all codes: tagged so (AVCOL_RANGE_JPEG, 2), or of a kind that always does."""
    return tagged == 2 or pixel_format.name.startswith("yuvj") or is_rgb(pixel_format)


def _planes(frame: VideoFrame, family: str, full: bool) -> tuple[list[NDArray[Any]], int]:
    """The frame's planes (H, W) with chroma at full size and samples unchanged, and their bits."""
    bits = frame.format.components[0].bits
    depth = next(depth for depth in (8, 10, 12, 16) if bits <= depth)
    tag = 2 if full else 1
    planar = frame.reformat(
        format=family if depth == 8 else f"{family}{depth}le",
        interpolation=_BICUBIC,
        src_color_range=tag,
        dst_color_range=tag,
        threads=1,
    )
    dtype = np.dtype(np.uint8 if depth == 8 else "<u2")
    return [np.frombuffer(memoryview(p), dtype).reshape(p.height, -1)[:, : p.width] for p in planar.planes], depth


def to_rgb(frame: VideoFrame, matrix: str, full: bool) -> Array:
    """A decoded frame as (3, H, W) float32 RGB in [0, 1]; transparency is laid over black.

    Args:
        matrix: a key of `MATRICES`; without meaning for RGB material.
        full: whether samples use all codes, or the limited range of video (black 16, white 235, of 255).
    """
    alpha = has_alpha(frame.format)
    if is_rgb(frame.format):
        planes, depth = _planes(frame, "gbrap" if alpha else "gbrp", full=True)
        green, blue, red = planes[:3]
        rgb = np.stack([red, green, blue]).astype(np.float32) / np.float32(2**depth - 1)
    else:
        grey = frame.format.name.startswith(("gray", "ya"))
        planes, depth = _planes(
            frame, "yuva444p" if alpha else "yuv444p", full=full or grey
        )  # libswscale: grey is full
        rgb = _from_yuv(planes, depth, matrix, full)
    if alpha:
        rgb *= planes[3] / np.float32(2**depth - 1)
    return np.clip(rgb, 0, 1, out=rgb)


def _from_yuv(planes: list[NDArray[Any]], depth: int, matrix: str, full: bool) -> Array:
    """Y'CbCr codes -> R'G'B', the equations of ITU-T H.273 section 8.3 turned round."""
    step, top = 2 ** (depth - 8), 2**depth - 1
    black, luma, chroma = (0, top, top) if full else (16 * step, 219 * step, 224 * step)
    middle = 128 * step
    k_red, k_blue = MATRICES[matrix]
    k_green = 1 - k_red - k_blue
    from_cr, from_cb = 2 * (1 - k_red) / chroma, 2 * (1 - k_blue) / chroma
    scale, offset = 1 / luma, -black / luma
    y, cb, cr = planes[:3]
    rgb = np.empty((3, *y.shape), np.float32)  # all is worked out in it: more would be held of a frame than it is large
    red, green, blue = rgb
    cv2.addWeighted(y, scale, cr, from_cr, offset - middle * from_cr, dst=red, dtype=cv2.CV_32F)
    cv2.addWeighted(y, scale, cb, from_cb, offset - middle * from_cb, dst=blue, dtype=cv2.CV_32F)
    cv2.addWeighted(red, -k_red / k_green, blue, -k_blue / k_green, offset / k_green, dst=green)
    cv2.addWeighted(green, 1, y, scale / k_green, 0, dst=green, dtype=cv2.CV_32F)
    return rgb
