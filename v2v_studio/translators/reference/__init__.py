"""The look of a style picture without weights: its palette, and its brush strokes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import read_picture, resize
from v2v_studio.translators.base import OnStep, silent
from v2v_studio.translators.filters.fields import blur, simplify, tangents, unit
from v2v_studio.translators.palette import Plane, from_lab, to_lab
from v2v_studio.translators.reference.colour import recoloured
from v2v_studio.types import Array

SMALLEST = 16  # pixels a side, under which there is no texture to find
TONE_KEPT = np.float32(0.45)  # share of the frame's tones that is put back under the strokes
FORM_KEPT = np.float32(0.6)  # share of the frame's contours


class ReferenceParams(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path = Field(description="The style picture: PNG, JPEG or TIFF, of any size and aspect.")
    palette: float = Field(1.0, ge=0, le=1, description="How much of its colours: 0 keeps the footage's.")
    texture: float = Field(0.8, ge=0, le=1, description="How much of its brush strokes: 0 keeps the footage's surface.")


class Reference:
    """The colours and brush strokes of a style picture.

    The style picture's colour profile is converted to sRGB, and what is transparent in it does not count. It is seen as
    large as the footage, shorter side to shorter side; a smaller one is not enlarged.
    """

    Params = ReferenceParams

    def translate(self, image: Array, params: BaseModel, seed: int, on_step: OnStep = silent) -> Array:
        """image (3, H, W) -> the same scene in the style, same shape. The seed decides where strokes come from.

        Raises:
            MediaError: the file is missing, no picture, under 16 pixels wide or high, or transparent nearly everywhere.
        """
        given = ReferenceParams.model_validate(params)
        style, cover = _style(given.file, min(image.shape[1:]))
        frame = to_lab(image)
        coloured = recoloured(frame, style, cover, seed)
        on_step(1, 2)
        result = frame + np.float32(given.palette) * (coloured - frame)
        if given.texture > 0:
            strokes = painted(coloured, style, cover, seed) - coloured
            strokes[..., 1:] *= np.float32(given.palette)  # in the footage's colours, strokes are light and dark
            result += np.float32(given.texture) * strokes
        on_step(2, 2)
        return from_lab(result)


def painted(coloured: Plane, style: Plane, cover: Plane, seed: int) -> Plane:
    """A frame in the style's colours, laid out of its strokes, with the frame's tones under and its contours over them.

    All are Lab, (H, W, 3) or (H', W', 3), and cover is (H', W') in [0, 1].
    """
    from v2v_studio.translators.reference.texture import laid  # here: a palette alone need not wait for numba

    u = unit(coloured)
    shapes = simplify(coloured / 100, tangents(coloured / 100, 2 * u), 2 * u) * 100
    strokes = laid(coloured, style, cover, seed)
    tone = blur(shapes, 4 * u)
    return strokes + TONE_KEPT * (tone - blur(strokes, 4 * u)) + FORM_KEPT * (shapes - tone)


def _style(file: Path, lines: int) -> tuple[Plane, Plane]:
    """A style picture no larger than `lines` on its shorter side: (H', W', 3) Lab, and (H', W') how opaque it is."""
    picture = read_picture(file)
    _, height, width = picture.rgb.shape
    if min(height, width) < SMALLEST:
        raise MediaError(f"{file} is {width}x{height}; a style picture needs {SMALLEST} pixels each way at least")
    shrink = max(1.0, min(height, width) / lines)
    size = max(SMALLEST, round(width / shrink)), max(SMALLEST, round(height / shrink))
    if picture.alpha is None:
        return to_lab(resize(picture.rgb, size)), np.ones(size[::-1], np.float32)
    cover = resize(picture.alpha, size)
    if cv2.erode(cover[0], np.ones((SMALLEST, SMALLEST))).max() < 0.99:
        raise MediaError(f"{file} is transparent nearly everywhere; give a style picture that is painted on")
    seen = picture.rgb * picture.alpha
    mean = seen.sum((1, 2), keepdims=True) / picture.alpha.sum()  # behind it, so that no other colour bleeds in
    return to_lab(resize(seen, size) + (1 - cover) * mean), cover[0]
