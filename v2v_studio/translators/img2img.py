"""A first frame repainted by an image model from a prompt."""

from __future__ import annotations

from v2v_studio.translators.diffusion.params import RepaintParams
from v2v_studio.translators.diffusion.translator import Diffusion


class Img2Img(Diffusion):
    """The footage frame, noised in part and painted anew by a diffusion model.

    Any image-to-image pipeline of diffusers: Stable Diffusion and SDXL, and whatever class a model's folder names, editors
    such as Flux Kontext and Qwen-Image-Edit included.
    """

    Params = RepaintParams
    task = "img2img"
