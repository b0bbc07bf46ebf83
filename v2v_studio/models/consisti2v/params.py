"""Options of ConsistI2V, and where its weights lie; nothing heavy is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from v2v_studio.errors import MissingError
from v2v_studio.models.params import VideoModelParams
from v2v_studio.models.weights import locate

NAME = "consisti2v"
LOAD = "v2v_studio.models.consisti2v.load:load_consisti2v"
PARTS = ("unet/config.json", "vae/config.json", "text_encoder/config.json", "tokenizer")  # that the release has


class ConsistI2VParams(VideoModelParams):
    steps: int = Field(50, ge=1, le=1000, description="Steps from noise to result.")
    guidance_text: float = Field(
        7.5, ge=0, le=100, description="How strictly the prompt is followed; 1 or less: without the negative prompt."
    )
    guidance_image: float = Field(
        1.0, ge=0, le=100, description="How strictly the first frame is followed; over 1: half as much work again."
    )
    rescale: float = Field(
        0.0, ge=0, le=1, description="How far guidance is brought back to the contrast it had without; 0: not at all."
    )
    stride: int = Field(3, ge=1, le=5, description="Frames of real time from one to the next; more is more motion.")
    noise: Literal["mixed", "vanilla", "progressive"] = Field(
        "mixed",
        description="What frames share of their noise: mixed, a part; vanilla, nothing; progressive, the last one's.",
    )
    noise_alpha: float = Field(1.0, ge=0, description="How much they share; 1: half of it.")
    frame_init: bool = Field(True, description="FrameInit: slow and coarse motion starts from the first frame.")
    noise_level: int | None = Field(
        None,
        ge=1,
        le=999,
        description="Of FrameInit: how little of the first frame is in the noise; 850, with a camera 750.",
    )
    filter: Literal["gaussian", "butterworth", "ideal", "box"] = Field(
        "gaussian", description="Of FrameInit: how slow and coarse is told from fast and fine."
    )
    order: int = Field(4, ge=1, description="Of FrameInit's butterworth filter: how sharp it is.")
    d_s: float | None = Field(
        None, ge=0, le=1, description="Of FrameInit: what is coarse, as a share of all detail; 0.25, with a camera 0.5."
    )
    d_t: float | None = Field(
        None, ge=0, le=1, description="Of FrameInit: what is slow, as a share of all motion; 0.25, with a camera 0.5."
    )
    scheduler: Literal["ddim", "dpm++", "unipc"] = Field(
        "ddim", description="How a step is taken: ddim as released; dpm++ and unipc in fewer steps."
    )
    low_memory: bool = Field(False, description="The branches of guidance one after the other, in less memory.")
    model: str = Field(NAME, description="The release, by name or folder.")

    @classmethod
    def folder(cls, name: str) -> Path:
        return released(name)


def released(name: str) -> Path:
    """The folder of a release.

    Raises:
        MissingError: it is not there, or a part of it is not.
    """
    folder = locate(name)
    if missing := [part for part in PARTS if not (folder / part).exists()]:
        raise MissingError(
            f"{folder} is no release of ConsistI2V: it has no {', no '.join(missing)}; fetch it with: "
            f"v2v models fetch {NAME}"
        )
    return folder
