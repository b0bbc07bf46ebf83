"""Options that both stages of Motion-I2V share, and where its weights lie; nothing heavy is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from v2v_studio.models.params import VideoModelParams, converted_release

NAME = "motion-i2v"
MARK = "stage2/unet/config.json"  # a folder that was converted has it
TRAINED = 320 * 512  # pixels: what stage 1 has seen
STAGE1, STAGE2 = (f"v2v_studio.models.motion_i2v.load:load_stage{number}" for number in (1, 2))


class MotionI2VParams(VideoModelParams):
    steps: int = Field(25, ge=1, le=1000, description="Steps from noise to result, in each stage.")
    guidance: float = Field(
        7.0, ge=0, le=100, description="How strictly the prompt is followed; 1 or less: half the work."
    )
    scheduler: Literal["ddim", "dpm++", "unipc", "lcm"] = Field(
        "ddim", description="How a step is taken: ddim as released; dpm++ and unipc in fewer steps; lcm with its LoRA."
    )
    model: str = Field(NAME, description="A converted release, by name or folder.")

    @classmethod
    def folder(cls, name: str) -> Path:
        return converted(name)


def converted(name: str) -> Path:
    """The folder of a converted release; MissingError where there is none, with the command that makes it."""
    return converted_release(name, NAME, MARK)
