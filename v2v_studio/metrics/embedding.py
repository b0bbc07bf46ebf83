"""Pictures and texts as unit vectors: CLIP (Radford et al. 2021) and DINO (Caron et al. 2021), where weights are here."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from v2v_studio.media.frames import to_uint8
from v2v_studio.metrics.pair import Pair
from v2v_studio.models import weights
from v2v_studio.types import Array

CLIP = "clip-vit-b32"
DINO_LINES = 224  # of the shorter side of what DINO sees; the longer one is not cropped
MEAN, SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # of ImageNet's colours


def clip_image(frame: Array, model: str = CLIP) -> Array:
    """The CLIP embedding of a (3, H, W) frame: (D,), of length 1. MissingError where the weights are not here."""
    import torch

    network, processor, _ = _clip(model)
    with torch.inference_mode():
        pictures = processor(images=[to_uint8(frame).transpose(1, 2, 0)], return_tensors="pt")
        shown = network.get_image_features(**pictures.to(network.device))
    return _unit(getattr(shown, "pooler_output", shown)[0])


def clip_text(prompt: str, model: str = CLIP) -> Array:
    """The CLIP embedding of a text, cut at 77 tokens: (D,), of length 1."""
    import torch

    network, _, tokenizer = _clip(model)
    with torch.inference_mode():
        tokens = tokenizer([prompt], truncation=True, max_length=77, return_tensors="pt")
        read = network.get_text_features(**tokens.to(network.device))
    return _unit(getattr(read, "pooler_output", read)[0])


def clip_scale(model: str = CLIP) -> float:
    """What CLIP multiplies a cosine with to make it a logit: 100 of the released models."""
    return float(_clip(model)[0].logit_scale.detach().exp())


def dino_image(frame: Array, model: str) -> Array:
    """DINO's class token of a (3, H, W) frame: (D,), of length 1.

    The frame is seen with its shorter side at DINO_LINES, uncropped, as VBench's subject consistency sees it.
    """
    import torch

    from v2v_studio.models.device import fed

    network = _dino(model)
    with torch.inference_mode():
        out = network(fed(network, _dino_sees(frame)), interpolate_pos_encoding=True)
    return _unit(out.last_hidden_state[0, 0])


def embedded(pair: Pair, model: str) -> Array:
    """The embedding of a pair's generated frame, made once for all metrics."""
    see = dino_image if model.startswith("dino") else clip_image
    return pair.shared(model, lambda: see(pair.frame, model))


def given(pair: Pair, model: str) -> Array:
    """The embedding of the clip's conditioning frame, the first of its reference; made once likewise."""
    see = dino_image if model.startswith("dino") else clip_image
    return pair.first.shared(f"{model} of the reference", lambda: see(pair.first.held_against, model))


def _dino_sees(frame: Array) -> Array:
    """Resized bilinearly with area support and normalised, (3, h, w)."""
    from PIL import Image

    _, h, w = frame.shape
    scale = DINO_LINES / min(h, w)
    size = (max(DINO_LINES, int(w * scale)), max(DINO_LINES, int(h * scale)))
    small = Image.fromarray(cv2.merge(list(to_uint8(frame)))).resize(size, Image.Resampling.BILINEAR)
    normal = (np.asarray(small) / 255 - MEAN) / SPREAD
    return np.ascontiguousarray(normal.transpose(2, 0, 1), np.float32)


def _unit(vector: Any) -> Array:
    import torch

    return np.asarray(torch.nn.functional.normalize(vector.float(), dim=-1).cpu().numpy(), np.float32)


@lru_cache(2)
def _clip(model: str) -> Any:
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

    from v2v_studio.models.device import placed

    folder = weights.locate(model)
    network = placed(CLIPModel.from_pretrained(folder, local_files_only=True))
    processor = CLIPImageProcessor.from_pretrained(folder, local_files_only=True)
    try:
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError):  # pictures can be compared without one
        tokenizer = None
    return network, processor, tokenizer


@lru_cache(2)
def _dino(model: str) -> Any:
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from transformers import AutoModel

    from v2v_studio.models.device import placed

    return placed(AutoModel.from_pretrained(weights.locate(model), local_files_only=True))
