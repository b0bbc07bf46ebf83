"""FrameInit: low frequencies of the initial noise from a layout of the video (section 7 of the fact sheet)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from v2v_studio.models.given import Noised

Filter = Literal["gaussian", "butterworth", "ideal", "box"]


@dataclass(frozen=True)
class FrameInitOptions:
    """What is taken from the layout.

    Attributes:
        noise_level: the time of the schedule whose noise the layout gets, 1 to 999; less restricts motion more.
        filter: the shape of the low-pass filter.
        order: of the butterworth filter.
        d_s, d_t: its cut-off in space and in time, as shares of the highest frequency; 0 leaves the noise as it is.
        ideal_cutoff: of the ideal filter, a bound on squared distance. "squared": d_s^2. "released": 2 d_s, as the
            released code has it.
        box_reach: of the box filter. "each": of each direction by its own size. "released": sideways as far as up and
            down, and where that is beyond the left edge, what is left of it counted from the right edge.
    """

    noise_level: int = 850
    filter: Filter = "gaussian"
    order: int = 4
    d_s: float = 0.25
    d_t: float = 0.25
    ideal_cutoff: Literal["squared", "released"] = "squared"
    box_reach: Literal["each", "released"] = "each"


def low_pass(options: FrameInitOptions, shape: tuple[int, int, int]) -> torch.Tensor:
    """The share of each frequency that is taken from the layout, zero frequency in the middle.

    Args:
        shape: (F, h, w).

    Returns:
        The same shape, in [0, 1]. As released, the middle of an odd side lies half a step beside zero frequency.
    """
    d_s, d_t = options.d_s, options.d_t
    if d_s == 0 or d_t == 0:
        return torch.zeros(shape)
    if options.filter == "box":
        return _box(options, shape)
    # in double precision and in this order: a cell on the ideal filter's border goes the other way otherwise
    t, y, x = np.ix_(*(2 * np.arange(side) / side - 1 for side in shape))
    distance = (d_s / d_t * t) ** 2 + y**2 + x**2
    if options.filter == "gaussian":
        mask = np.exp(-distance / (2 * d_s**2))
    elif options.filter == "butterworth":
        mask = 1 / (1 + (distance / d_s**2) ** options.order)
    else:
        mask = distance <= (2 * d_s if options.ideal_cutoff == "released" else d_s**2)
    return torch.from_numpy(mask).float()


def _box(options: FrameInitOptions, shape: tuple[int, int, int]) -> torch.Tensor:
    """1 within a box round the middle, whose upper bounds are outside."""
    middle = [side // 2 for side in shape]
    reach = [round(half * d) for half, d in zip(middle, (options.d_t, options.d_s, options.d_s), strict=True)]
    if options.box_reach == "released":
        reach[2] = reach[1]
    mask = torch.zeros(shape)
    mask[tuple(slice(half - more, half + more) for half, more in zip(middle, reach, strict=True))] = 1
    return mask


def mixed_bands(low: torch.Tensor, high: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Low frequencies of one video, high ones of another: (B, C, F, h, w) each -> the same shape, in float32."""
    axes = (-3, -2, -1)
    pass_low = torch.fft.ifftshift(mask).to(low.device)
    spectrum = torch.fft.fftn(low.float(), dim=axes) * pass_low + torch.fft.fftn(high.float(), dim=axes) * (
        1 - pass_low
    )
    return torch.fft.ifftn(spectrum, dim=axes).real


def initialised(noise: torch.Tensor, layout: torch.Tensor, walk: Noised, options: FrameInitOptions) -> torch.Tensor:
    """Noise whose low frequencies are those of a layout.

    Args:
        noise: (B, C, F, h, w). The layout gets the very same, and high frequencies are of it too.
        layout: the same shape: clean latents of a video that shows where things stay, or how the camera moves.
        walk: whose schedule says how much noise the layout gets.

    Returns:
        The same shape.
    """
    low = walk.noised(layout, noise, options.noise_level)
    frames, height, width = noise.shape[2:]
    return mixed_bands(low, noise, low_pass(options, (frames, height, width)))
