"""I3D: Inception v1 inflated to three dimensions (Carreira and Zisserman 2017), named as its PyTorch release is."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLASSES = 400  # of Kinetics

# channels of the branches: 1x1; 1x1 and 3x3; 1x1 and 3x3; pooled and 1x1
BLOCKS: dict[str, tuple[int, ...]] = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}
POOLED_BEFORE = {
    "Mixed_3b": ((1, 3, 3), (1, 2, 2)),
    "Mixed_4b": ((3, 3, 3), (2, 2, 2)),
    "Mixed_5b": ((2, 2, 2), (2, 2, 2)),
}
STEM_POOL = POOLED_BEFORE["Mixed_3b"]


class Unit(nn.Module):
    """A convolution, padded so that the result has size / stride, batch normalisation and rectifier."""

    def __init__(self, inner: int, outer: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(inner, outer, kernel, stride, bias=False)
        self.bn = nn.BatchNorm3d(outer, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        padded = same(x, self.conv3d.kernel_size, self.conv3d.stride)  # type: ignore[arg-type]
        return F.relu(self.bn(self.conv3d(padded)))


class Mixed(nn.Module):
    """Four branches beside each other."""

    def __init__(self, inner: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.b0 = Unit(inner, widths[0])
        self.b1a, self.b1b = Unit(inner, widths[1]), Unit(widths[1], widths[2], 3)
        self.b2a, self.b2b = Unit(inner, widths[3]), Unit(widths[3], widths[4], 3)
        self.b3b = Unit(inner, widths[5])

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.b3b(max_pool(x, (3, 3, 3), (1, 1, 1)))
        return torch.cat([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), pooled], 1)


class Logits(nn.Module):
    def __init__(self, inner: int) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(inner, CLASSES, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv3d(x)


class I3d(nn.Module):
    """Clips (N, 3, T, 224, 224) in [-1, 1], T from 9 on -> logits (N, 400), mean over time.

    Time is halved three times, and the last average spans two."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv3d_1a_7x7 = Unit(3, 64, 7, 2)
        self.Conv3d_2b_1x1 = Unit(64, 64)
        self.Conv3d_2c_3x3 = Unit(64, 192, 3)
        outer = [192, *(w[0] + w[2] + w[4] + w[5] for w in BLOCKS.values())]
        for (name, widths), (inner, _) in zip(BLOCKS.items(), pairwise(outer), strict=True):
            self.add_module(name, Mixed(inner, widths))
        self.logits = Logits(outer[-1])

    def forward(self, x: Tensor) -> Tensor:
        x = max_pool(self.Conv3d_1a_7x7(x), *STEM_POOL)
        x = self.Conv3d_2c_3x3(self.Conv3d_2b_1x1(x))
        for name in BLOCKS:
            if name in POOLED_BEFORE:
                x = max_pool(x, *POOLED_BEFORE[name])
            x = self.get_submodule(name)(x)
        return self.logits(F.avg_pool3d(x, (2, 7, 7), 1)).mean((2, 3, 4))


def max_pool(x: Tensor, kernel: tuple[int, int, int], stride: tuple[int, int, int]) -> Tensor:
    """Maxima; what is beyond the edge is 0, which no rectified value is below."""
    return F.max_pool3d(same(x, kernel, stride), kernel, stride)


def same(x: Tensor, kernel: tuple[int, int, int], stride: tuple[int, int, int]) -> Tensor:
    """Zeros around (N, C, T, H, W) so that a window at a stride gives size / stride, rounded up; the odd one behind."""
    around: list[int] = []
    for size, window, step in zip(x.shape[:1:-1], kernel[::-1], stride[::-1], strict=True):
        missing = max((-(-size // step) - 1) * step + window - size, 0)
        around += [missing // 2, missing - missing // 2]
    return F.pad(x, around)
