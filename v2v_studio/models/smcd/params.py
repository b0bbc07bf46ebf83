"""SMCD's options, and where its weights lie; nothing heavy is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from v2v_studio.models.params import VideoModelParams, converted_release

NAME = "smcd"
BASE = "modelscope-t2v"  # whose text encoder, tokenizer and autoencoder it uses
MARK = "position_net/config.json"  # a folder that was converted has it
LOAD = "v2v_studio.models.smcd.load:load_smcd"


class SMCDParams(VideoModelParams):
    steps: int = Field(50, ge=1, le=1000, description="Steps from noise to result.")
    guidance: float = Field(
        7.5, ge=0, le=100, description="How strictly the prompt is followed; 1 or less: half the work."
    )
    guidance_mode: Literal["text", "all"] = Field(
        "text",
        description="What a frame is held against: text, as released, one without the prompt; all, as the paper says, one "
        "without boxes and first frame too.",
    )
    scheduler: Literal["released", "ddim", "dpm++", "unipc"] = Field(
        "released", description="How a step is taken: as released; ddim, the usual one; dpm++ and unipc in fewer steps."
    )
    model: str = Field(NAME, description="A converted release, by name or folder.")

    @classmethod
    def folder(cls, name: str) -> Path:
        return converted(name)


def converted(name: str) -> Path:
    """The folder of a converted release; MissingError where there is none, with the command that makes it."""
    return converted_release(name, NAME, MARK)
