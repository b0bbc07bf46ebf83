"""A first frame that an artist painted."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import Picture, read_picture, resize
from v2v_studio.translators.base import OnStep, silent
from v2v_studio.types import Array

log = logging.getLogger(__name__)


class PaintedParams(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path = Field(description="The painted frame: PNG, JPEG or TIFF, of the footage's size or its aspect.")


class Painted:
    """The artist's picture in place of the footage frame.

    Its colour profile is converted to sRGB. Where it is transparent the footage shows through, so a frame may be
    painted in part. A picture of another size but the same aspect (within a pixel) is resampled; a log line says so.
    """

    Params = PaintedParams

    def translate(self, image: Array, params: BaseModel, seed: int, on_step: OnStep = silent) -> Array:
        """image (3, H, W) -> the painting over it, same shape. The seed decides nothing.

        Raises:
            MediaError: the file is missing or no picture, or its aspect is not the footage's.
        """
        file = PaintedParams.model_validate(params).file
        picture = read_picture(file)
        size = image.shape[2], image.shape[1]
        _check_aspect(file, picture, size)
        on_step(1, 1)
        if picture.alpha is None:
            return resize(picture.rgb, size)
        alpha = resize(picture.alpha, size)
        return resize(picture.rgb * picture.alpha, size) + (1 - alpha) * image


def _check_aspect(file: Path, picture: Picture, size: tuple[int, int]) -> None:
    """Refuse a picture that would have to be stretched or cropped to a size (W, H); say when one will be resampled."""
    width, height = size
    _, own_height, own_width = picture.rgb.shape
    if (own_width, own_height) == size:
        return
    if abs(own_width * height / own_height - width) > 1 and abs(own_height * width / own_width - height) > 1:
        raise MediaError(
            f"{file} is {own_width}x{own_height} but the footage is {width}x{height}, another aspect; "
            f"crop or pad the painting to {width}x{height}, or a multiple of it"
        )
    log.warning("%s is %dx%d; resampled to the footage's %dx%d", file, own_width, own_height, width, height)
