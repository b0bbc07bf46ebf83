"""Options that the video models share, and which weights they stand for; nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from v2v_studio.errors import MissingError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.models.digest import digest
from v2v_studio.models.weights import locate

INSIDE = "converted"  # the folder of a release, or of its name where models lie, that the converted one lies in


class VideoModelParams(BaseModel):
    prompt: str = Field("", description="What is to be seen; empty: the shot's own.")
    negative_prompt: str = Field("", description="What is not to be seen.")
    steps: int = Field(25, ge=1, le=1000, description="Steps from noise to result.")
    low_memory: bool = Field(False, description="Prompt and negative prompt one after the other, in less memory.")
    device: str = Field("auto", description="cpu, cuda, cuda:1, mps, or auto: the fastest that is there.")
    dtype: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="Numbers it works in; auto: bfloat16 on a GPU, float32 on a CPU."
    )
    model: str = Field(description="The model, by name or folder.")
    weights: str | None = Field(None, description="sha256 of them: filled in, so that a recipe says which were used.")

    @model_validator(mode="before")
    @classmethod
    def _knows_its_weights(cls, values: Any) -> Any:
        """MissingError where there are no weights, or other ones than the options name: before any work starts."""
        if not isinstance(values, dict):
            return values
        names = cls.named({name: field.default for name, field in cls.model_fields.items()} | values)
        found = fingerprint([digest(cls.folder(names[0])), *(digest(locate(name)) for name in names[1:])])
        if values.get("weights") not in (None, found):
            raise MissingError(
                f"the weights of {', '.join(names)} are others (sha256 {found[:8]}...) than were used before "
                f"({values['weights'][:8]}...); put those there, or leave out weights"
            )
        return {**values, "weights": found}

    @classmethod
    def named(cls, values: Mapping[str, Any]) -> list[str]:
        """The models that options name; the video model itself comes first."""
        return [values["model"]]

    @classmethod
    def folder(cls, name: str) -> Path:
        """The folder that the video model of a name is loaded from.

        Raises:
            MissingError: it is not there, with the command that gets it.
        """
        return locate(name)


def converted_release(name: str, model: str, mark: str) -> Path:
    """The folder of a converted release.

    Args:
        name: of the folder.
        model: which model's release it is.
        mark: a file that a folder has which was converted.

    Raises:
        MissingError: it is not there, or was fetched but not converted, with the command.
    """
    there = locate(name)
    for folder in (there, there / INSIDE):
        if (folder / mark).is_file():
            return folder
    raise MissingError(f"{there} is not converted yet; do it once with: v2v models convert {model} {there}")
