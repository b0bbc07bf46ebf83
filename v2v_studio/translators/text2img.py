"""A first frame from a prompt alone."""

from __future__ import annotations

from pydantic import Field

from v2v_studio.translators.diffusion.params import DiffusionParams
from v2v_studio.translators.diffusion.translator import Diffusion


class Text2ImgParams(DiffusionParams):
    prompt: str = Field(min_length=1, description="What is to be seen, and how it is painted.")


class Text2Img(Diffusion):
    """A picture of the frame's size from a prompt alone; the footage is not seen.

    For shots that are to be made of words, and to try a model.
    """

    Params = Text2ImgParams
    task = "text2img"
