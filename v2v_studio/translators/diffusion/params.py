"""Options that the diffusion translators share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from v2v_studio.translators.diffusion.loras import parse_loras
from v2v_studio.translators.diffusion.schedulers import known

Dtype = Literal["auto", "float16", "bfloat16", "float32"]


class DiffusionParams(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = Field("", description="What is to be seen, and how it is painted.")
    negative_prompt: str = Field("", description="What is not to be seen.")
    model: str = Field(
        "sd15", min_length=1, description="A model's name (`v2v models list`), folder or single .safetensors file."
    )
    steps: int = Field(30, ge=1, le=1000, description="Steps of the whole way from noise to picture.")
    guidance: float | None = Field(None, ge=0, le=100, description="How strictly the prompt is followed; empty: usual.")
    scheduler: str = Field("", description="How a step is taken: ddim, euler-a, dpm++-karras, ...; empty: the model's.")
    loras: str = Field("", description="LoRAs by name or path, each with its weight: ink:0.8, grain.safetensors:0.4")
    vae: str = Field("", description="Another decoder by name or folder: sd-vae-ft-mse; empty: the model's.")
    side: int = Field(
        0, ge=0, le=4096, description="Shorter side in pixels at which the model paints; 0: the frame's own."
    )
    device: str = Field("auto", description="cpu, cuda, cuda:1, mps, or auto: the fastest that is there.")
    dtype: Dtype = Field(
        "auto", description="Numbers it works in; auto: float16 or bfloat16 on a GPU, as on disk on a CPU."
    )
    config: str = Field("", description="For a single file: the model folder that it is built like; empty: found out.")

    @field_validator("guidance", mode="before")
    @classmethod
    def _empty_is_usual(cls, value: Any) -> Any:
        return cls.model_fields["guidance"].default if value == "" else value

    @field_validator("scheduler")
    @classmethod
    def _known_scheduler(cls, name: str) -> str:
        return known(name)

    @field_validator("loras")
    @classmethod
    def _readable_loras(cls, text: str) -> str:
        parse_loras(text)
        return text


class RepaintParams(DiffusionParams):
    """Of translators that start from the footage frame, noised in part."""

    strength: float = Field(0.6, gt=0, le=1, description="How far from the footage: 0.3 a tint, 0.6 a look, 1 anew.")

    @model_validator(mode="after")
    def _takes_a_step(self) -> RepaintParams:
        if int(self.steps * self.strength) < 1:
            raise ValueError(f"strength {self.strength:g} of {self.steps} steps is not one step; raise either")
        return self
