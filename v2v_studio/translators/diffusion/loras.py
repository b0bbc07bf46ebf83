"""LoRAs: small files that bend a model's weights towards a look."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError


@dataclass(frozen=True)
class Lora:
    """A LoRA's name or path, and how strongly it works."""

    name: str
    weight: float


def parse_loras(text: str) -> tuple[Lora, ...]:
    """`"ink.safetensors:0.8, grain"` -> two LoRAs; without a weight it is 1.

    Raises:
        UsageError: a name is empty.
    """
    return tuple(Lora(*weighed(part, "LoRA")) for part in text.split(",") if part.strip())


def weighed(text: str, what: str) -> tuple[str, float]:
    """`"name:0.8"` -> ("name", 0.8); without a weight it is 1."""
    name, colon, weight = text.strip().rpartition(":")
    try:
        pair = (name, float(weight)) if colon else (weight, 1.0)
    except ValueError:  # the colon belongs to a path
        pair = (text.strip(), 1.0)
    if not math.isfinite(pair[1]):
        raise UsageError(f"the weight of '{text.strip()}' is no number that can be worked with; give one such as 0.8")
    if not pair[0]:
        raise UsageError(f"'{text.strip()}' names no {what}; write it as name:weight, several with commas between")
    return pair


def wear(pipeline: Any, loras: list[tuple[Path, float]]) -> None:
    """Lay LoRAs over a pipeline, each with its weight.

    Raises:
        UsageError: the pipeline takes none, or one was made for another model.
    """
    if not loras:
        return
    if not hasattr(pipeline, "load_lora_weights"):
        raise UsageError(f"{type(pipeline).__name__} takes no LoRAs; leave out -p loras=")
    names = [f"lora{place}" for place in range(len(loras))]
    for name, (path, _) in zip(names, loras, strict=True):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # peft warns of the second LoRA as such
                pipeline.load_lora_weights(
                    str(path.parent), weight_name=path.name, adapter_name=name, local_files_only=True
                )
            pipeline.set_adapters([name])  # refused where nothing of the file fitted
        except Exception as error:  # another model's, no LoRA, or damaged: each fails in a way of its own
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise UsageError(
                f"{path} does not fit {type(pipeline).__name__} ({reason}); it was made for another model, is no LoRA, "
                "or is damaged"
            ) from error
    pipeline.set_adapters(names, [weight for _, weight in loras])
