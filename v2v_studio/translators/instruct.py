"""A first frame changed as an instruction says."""

from __future__ import annotations

from pydantic import Field

from v2v_studio.translators.diffusion.params import DiffusionParams
from v2v_studio.translators.diffusion.translator import Diffusion


class InstructParams(DiffusionParams):
    prompt: str = Field(min_length=1, description="What to do with the frame: make it a watercolor.")
    model: str = Field(
        "instruct-pix2pix", min_length=1, description="An InstructPix2Pix by name, folder or single .safetensors file."
    )
    guidance: float | None = Field(7.5, ge=0, le=100, description="How strictly the instruction is followed.")
    image_guidance: float = Field(1.5, ge=1, le=100, description="How strictly the footage frame is kept.")


class Instruct(Diffusion):
    """The footage frame changed as an instruction says, by InstructPix2Pix.

    Two guidances pull at it (Brooks et al. 2023, Eq. 3): `guidance` towards the instruction, `image_guidance` towards the
    frame.
    """

    Params = InstructParams
    task = "instruct"
