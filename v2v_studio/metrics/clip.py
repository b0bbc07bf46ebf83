"""How alike two pictures are in what they show: the cosine of their CLIP image embeddings (Radford et al. 2021)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from v2v_studio.media.frames import to_uint8
from v2v_studio.models import weights
from v2v_studio.types import Array

WEIGHTS = "clip-vit-b32"


def image_similarity(one: Array, other: Array) -> float | None:
    """In [-1, 1], 1 for the same picture; None where CLIP's weights are not on this machine.

    Args:
        one, other: (3, H, W) RGB in [0, 1].
    """
    if not weights.present(WEIGHTS):
        return None
    import torch

    model, processor = _clip(weights.locate(WEIGHTS))
    pictures = [to_uint8(picture).transpose(1, 2, 0) for picture in (one, other)]
    with torch.inference_mode():
        shown = model.get_image_features(**processor(images=pictures, return_tensors="pt"))
    embedded = torch.nn.functional.normalize(getattr(shown, "pooler_output", shown), dim=-1)
    return float(embedded[0] @ embedded[1])


@lru_cache(1)
def _clip(folder: Path) -> Any:
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from transformers import CLIPImageProcessor, CLIPModel

    model = CLIPModel.from_pretrained(folder, local_files_only=True).eval()
    return model, CLIPImageProcessor.from_pretrained(folder, local_files_only=True)
