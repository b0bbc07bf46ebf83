"""Makes a torchvision importable whose compiled ops do not load: a CUDA build beside a CPU torch.

Such a torchvision fails at import because it describes two ops, `nms` and `qnms`, which only its compiled library
defines; diffusers, transformers, timm and controlnet_aux import it wherever it is installed and fail with it. So whatever
imports one of these packages imports this module first:

    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

Importing it does the work. Where the library loads, or where there is no torchvision, nothing is changed. Otherwise both
ops are named and `nms` is written here for the CPU, in plain torch; a half-imported torchvision cannot be mended
afterwards, so the library is tried first.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import torch

_ops: Any = None  # keeps the definitions alive


def nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Non-maximum suppression: the boxes kept, best first, as torchvision.ops.nms.

    Args:
        boxes: (N, 4) as x1, y1, x2, y2 with x1 < x2 and y1 < y2.
        scores: (N,).
        iou_threshold: a box whose intersection over union with a kept, better one is above it is dropped.

    Returns:
        (K,) int64 indices.
    """
    order = scores.argsort(descending=True, stable=True)
    boxes = boxes[order]
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive = torch.ones(len(boxes), dtype=torch.bool)
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        first = torch.maximum(boxes[i, :2], boxes[i + 1 :, :2])
        last = torch.minimum(boxes[i, 2:], boxes[i + 1 :, 2:])
        shared = (last - first).clamp(min=0).prod(dim=1)
        alive[i + 1 :] &= shared <= iou_threshold * (area[i] + area[i + 1 :] - shared)
    return order[alive]


def _prepare() -> Literal["absent", "native", "mended"]:
    """Have torchvision's ops defined, by its own library or by us; which of them it was."""
    global _ops
    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return "absent"
    try:
        for library in Path(spec.origin).parent.glob("_C*"):
            torch.ops.load_library(str(library))
        return "native"
    except OSError:
        _ops = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            _ops.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _ops.impl("nms", nms, "CPU")
        import torchvision.ops.boxes

        # what guards torchvision.ops.nms asks for the whole library; its one op is here now
        torchvision.ops.boxes._assert_has_ops = lambda: None
        return "mended"


TORCHVISION = _prepare()
