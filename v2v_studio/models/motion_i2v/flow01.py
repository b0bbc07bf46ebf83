"""Flow as the autoencoder of flow takes it (section 2 of the fact sheet).

flow01 is f / (W or H) / 2 + 1 / 2: rest is 0.5, and the range is one picture width or height either way.
"""

from __future__ import annotations

import torch


def flow01(flow: torch.Tensor) -> torch.Tensor:
    """Pixels to flow01: (..., 2, H, W) -> the same shape."""
    return (flow / _extent(flow) + 1) / 2


def flow_pixels(flow01: torch.Tensor) -> torch.Tensor:
    """flow01 to pixels, held within one picture width and height: (..., 2, H, W) -> the same shape."""
    return (2 * flow01 - 1).clamp(-1, 1) * _extent(flow01)


def _extent(flow: torch.Tensor) -> torch.Tensor:
    """(2, 1, 1): W and H, by which x and y are divided."""
    height, width = flow.shape[-2:]
    return flow.new_tensor([width, height])[:, None, None]
