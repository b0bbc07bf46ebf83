"""Forward splatting of reference features along a flow, in average mode (section 5.2 of the fact sheet; paper, eq. 7).

Where a pixel lands is decided by the flow alone, so the geometry of a video is worked out once for each feature level and
kept as a list of what each pixel receives; splatting any features is then one weighted sum a pixel. Splatting is linear in
the features: whatever is linear too (a projection to keys or values) may be done before it, on one frame instead of N.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F

Order = Literal["released", "separate"]
EPSILON = 1e-7  # added to the sum of weights: a pixel that nothing lands on becomes 0


def resized_flow(flow: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """A flow on the grid of a feature level, in that grid's pixels.

    Args:
        flow: (B, N, 2, H, W) in pixels of an H x W picture; channel 0 to the right, channel 1 down.
        size: (h, w) of the level. Sampled bilinearly at half-pixel centres, without antialiasing; always from the full
            flow, never from another level's.

    Returns:
        (B, N, 2, h, w).
    """
    height, width = flow.shape[-2:]
    small = F.interpolate(flow.flatten(0, 1), size=size, mode="bilinear", align_corners=False)
    scale = small.new_tensor([width / size[1], height / size[0]])
    return (small / scale[:, None, None]).unflatten(0, flow.shape[:2])


class Splat:
    """The geometry of N forward flows on one grid, for features of any kind.

    Pixel p of the reference lands at p + flow(p) and is shared among the four pixels around, by bilinear weights; corners
    outside the grid are dropped, and so are targets that are not finite. What lands on a pixel is averaged by weight.

    Args:
        flow: (B, N, 2, h, w) in pixels of that grid, pointing from the reference to frames 1 to N.
        order: whose features are splatted along the flow (b, j). "separate": entry b's own. "released": those of entry
            (b N + j) mod B, which is what the released code does and differs wherever guidance doubles the batch.

    Attributes:
        weight: (B, N, h, w), how much landed on each pixel; 0 in a hole.
    """

    def __init__(self, flow: torch.Tensor, order: Order = "separate") -> None:
        self.shape = (*flow.shape[:2], *flow.shape[-2:])
        b, n, h, w = self.shape
        source, target, share = _landings(flow.float(), order)
        landed = share.new_zeros(b * h * w * n).index_add_(0, target, share)
        self.weight = landed.view(b, h, w, n).permute(0, 3, 1, 2)
        by_target = target.argsort(stable=True)
        self._source = source[by_target]
        self._share = (share / (landed + EPSILON)[target])[by_target]
        self._start = F.pad(torch.bincount(target, minlength=b * h * w * n).cumsum(0), (1, 0))
        self._pixel_start = self._start[::n].tolist()  # on the host, so that no part waits for the device

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        """Reference features moved along each flow.

        Args:
            features: (B, h * w, C), one token a pixel, row by row.

        Returns:
            (B, N, h * w, C), of the features' type.
        """
        return torch.stack([self.part(features, entry, slice(None)) for entry in range(self.shape[0])])

    def part(self, features: torch.Tensor, entry: int, pixels: slice) -> torch.Tensor:
        """What lands on some pixels of one entry of the batch: (N, pixels, C) of features (B, h * w, C)."""
        _, n, h, w = self.shape
        first, last, _ = pixels.indices(h * w)
        first, last = entry * h * w + first, entry * h * w + last
        begin, end = self._pixel_start[first], self._pixel_start[last]
        moved = F.embedding_bag(  # a sum over what each pixel receives, by far the fastest of torch's
            self._source[begin:end],
            features.reshape(-1, features.shape[-1]),
            self._start[first * n : last * n + 1] - begin,
            mode="sum",
            per_sample_weights=self._share[begin:end].to(features.dtype),
            include_last_offset=True,
        )
        return moved.unflatten(0, (-1, n)).transpose(0, 1)


def _landings(flow: torch.Tensor, order: Order) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Every corner that a pixel lands on, flat: the pixel (among B h w), the corner (among B h w N), its weight."""
    b, n, _, h, w = flow.shape
    y, x = torch.meshgrid(*(torch.arange(size, device=flow.device) for size in (h, w)), indexing="ij")
    at_x, at_y = x + flow[:, :, 0], y + flow[:, :, 1]  # (B, N, h, w)
    slot = torch.arange(b * n, device=flow.device).view(b, n, 1, 1)
    entry = slot % b if order == "released" else slot // n
    pixel = entry * h * w + y * w + x
    left, top = at_x.floor(), at_y.floor()
    sources, targets, shares = [], [], []
    for column in (left, left + 1):
        for row in (top, top + 1):
            inside = (column >= 0) & (column < w) & (row >= 0) & (row < h)  # False for what is not finite
            share = (1 - (at_x - column).abs()) * (1 - (at_y - row).abs())
            corner = (slot // n * h * w + torch.where(inside, row * w + column, 0).long()) * n + slot % n
            sources.append(pixel[inside])
            targets.append(corner[inside])
            shares.append(share[inside])
    return torch.cat(sources), torch.cat(targets), torch.cat(shares)
