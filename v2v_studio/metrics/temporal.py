"""Steadiness from one frame to the next, judged against what the footage itself does there.

Both measures compare motion-compensated changes. With A the step flow (on frame t's grid, pointing to frame t-1),

    change(X) = X_t - X_{t-1} o A

A stylised film may change where its footage changes (a light goes on, a shadow passes), so what counts is the residual
change(O) - change(S) of the output O over the source S. The idea is the output-level temporal loss of ReCoNet (Gao et
al. 2018), which allows the output the footage's change of luminance; here its change is allowed channel by channel.
"""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.metrics.cells import cell_average, cell_means
from v2v_studio.types import Array
from v2v_studio.warping import backward_warp, inside, pixels, planes

TOLERANCE = 12 / 255  # the footage agrees with its own warped past: coding noise passes, an uncovered wall does not
LEVELS = 255.0


def luma(frame: Array) -> Array:
    """(3, H, W) RGB -> (H, W), the weights of BT.601."""
    red_green = cv2.addWeighted(frame[0], 0.299, frame[1], 0.587, 0)
    return np.asarray(cv2.addWeighted(red_green, 1, frame[2], 0.114, 0))


def compensated_change(previous: Array, current: Array, step: Array) -> Array:
    """current - previous o step, as (3, H, W).

    Args:
        previous, current: (3, H, W) RGB in [0, 1].
        step: (2, H, W) pixels, on the current frame's grid, pointing to the previous frame.
    """
    return current - planes(backward_warp(pixels(previous), pixels(step)))


def agreement(source_change: Array, step: Array) -> Array:
    """(H, W) float32, 1 where the footage is explained by its own past: the step stays in the frame and every channel
    of the source changed by less than TOLERANCE."""
    return (inside(pixels(step)) & (np.abs(source_change).max(0) <= TOLERANCE)).astype(np.float32)


def warp_error(output_change: Array, visible: Array) -> float | None:
    """Mean over visible pixels of |change(O)|^2, the squared distance of colours in [0, 1] summed over channels.

    sum M |O_t - O_(t-1) o A|^2 / sum M (Lai et al. 2018, E_warp). Footage has one of its own: judge against it. None where
    no pixel is visible.

    Args:
        output_change: (3, H, W), `compensated_change` of the output.
        visible: (H, W) in [0, 1], M: how surely the frame before shows each pixel.
    """
    area = float(visible.sum())
    return float((np.square(output_change).sum(0) * visible).sum()) / area if area else None


def temporal_difference_error(source_change: Array, output_change: Array, agree: Array) -> float:
    """Mean |change(O) - change(S)| over agreeing pixels and channels, in 8-bit levels.

    0 where the output is as steady as its footage; speckle, boiling texture and jumps all raise it. 0 also where no
    pixel agrees (see `agreement`): there is nothing to go by.
    """
    area = float(agree.sum())
    if area == 0:
        return 0.0
    residual = np.abs(output_change - source_change).mean(0)
    return LEVELS * float((residual * agree).sum()) / area


def flicker_index(source_change: Array, output_change: Array, agree: Array) -> float:
    """Root mean square over cells of the residual change of mean luma, in 8-bit levels: brightness that pumps.

    Noise of mean zero leaves it near 0; a whole frame brighter by c levels than the one before gives c.
    """
    residual = luma(output_change - source_change)
    means, weight = cell_means(residual[None], agree)
    return LEVELS * cell_average(means[0] ** 2, weight) ** 0.5
