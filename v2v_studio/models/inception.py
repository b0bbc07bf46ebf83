"""Inception v3 as FID has it: the network of 2015 with its weights, in torchvision's parts (Szegedy et al. 2016).

It differs from torchvision's own in its pooling: averages leave the padding out, and the last block takes maxima.
"""

from __future__ import annotations

from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import torch.nn.functional as F
from torch import Tensor
from torchvision.models.inception import (
    BasicConv2d,
    Inception3,
    InceptionA,
    InceptionAux,
    InceptionB,
    InceptionC,
    InceptionD,
    InceptionE,
)

CLASSES = 1008
SIDE = 299


class BlockA(InceptionA):
    def _forward(self, x: Tensor) -> list[Tensor]:
        return _with_pool(self, x, super()._forward(x), _average(x))


class BlockC(InceptionC):
    def _forward(self, x: Tensor) -> list[Tensor]:
        return _with_pool(self, x, super()._forward(x), _average(x))


class BlockE(InceptionE):
    """Either of the last two: the last takes maxima."""

    takes_maxima = False

    def _forward(self, x: Tensor) -> list[Tensor]:
        pooled = F.max_pool2d(x, 3, 1, 1) if self.takes_maxima else _average(x)
        return _with_pool(self, x, super()._forward(x), pooled)


class FidInception(Inception3):
    """Pictures (N, 3, H, W) in [0, 1], any size -> features (N, 2048) and logits (N, 1008)."""

    def __init__(self) -> None:
        blocks = [BasicConv2d, BlockA, InceptionB, BlockC, InceptionD, BlockE, InceptionAux]
        super().__init__(CLASSES, aux_logits=False, inception_blocks=blocks, init_weights=False)
        self.Mixed_7c.takes_maxima = True

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        x = F.interpolate(pictures, (SIDE, SIDE), mode="bilinear", align_corners=False) * 2 - 1
        for name, layer in self.named_children():
            if name == "avgpool":
                break
            x = layer(x)
        features = x.mean((2, 3))
        return features, self.fc(features)


def _average(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def _with_pool(block: Any, x: Tensor, branches: list[Tensor], pooled: Tensor) -> list[Tensor]:
    """A block's branches with its last one, the pooled, made of this pooling."""
    return [*branches[:-1], block.branch_pool(pooled)]
