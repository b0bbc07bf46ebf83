"""The palette of a style picture laid over a frame, region by region."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import blur, unit
from v2v_studio.translators.palette import Plane, quantiles, rising, sample, sliced_transport
from v2v_studio.translators.reference.regions import centres, exchange, membership

FLATTEST, STEEPEST = 0.5, 2.0  # how a frame's contrast may change
LINES = 480  # of the picture that colour is carried on; finer than that the eye does not follow it


def recoloured(frame: Plane, style: Plane, cover: Plane, seed: int) -> Plane:
    """The frame in the style's colours: (H, W, 3) Lab.

    Lightness follows one rising curve, so that forms stay what they are. Colour goes between regions that are alike, by
    sliced optimal transport, each pixel as much as it belongs to them.

    Args:
        frame: (H, W, 3) Lab. style: (H', W', 3) Lab.
        cover: (H', W') in [0, 1], how much each pixel of the style picture counts.
        seed: of the transport.
    """
    counts = sample(cover)
    toned = frame.copy()
    seen = blur(np.ascontiguousarray(style[..., 0]), 5 * unit(style))  # strokes and hatching from afar are tones
    toned[..., 0] = _toned(frame[..., 0], quantiles(sample(frame)[:, 0]), quantiles(sample(seen), counts))

    toned[..., 1:] += _change(toned, blur(style, 2 * unit(style)), counts, seed)
    return toned


def _change(toned: Plane, style: Plane, counts: Plane, seed: int) -> Plane:
    """What regional transport adds to a and b of every pixel: (H, W, 2)."""
    h, w = toned.shape[:2]
    calm = blur(toned, max(1.5 * unit(toned), 1))  # grain and the steps of 8 bits would be carried apart
    if (shrink := min(h, w) / LINES) > 1:
        calm = cv2.resize(calm, (round(w / shrink), round(h / shrink)), interpolation=cv2.INTER_AREA)
    source, goal = sample(calm), sample(style)
    own, other = centres(source, np.ones(len(source))), centres(goal, counts)
    mine, theirs = membership(source, own), membership(goal, other) * counts[:, None]
    plan = exchange(own, mine.mean(0) + 1e-6, other, theirs.mean(0) + 1e-6)

    flat = calm.reshape(-1, 3)
    share, change = membership(flat, own), np.zeros_like(flat)
    for region in range(len(own)):
        weights = theirs @ (plan[region] / (theirs.sum(0) + 1e-6))
        carry = sliced_transport(source, mine[:, region], goal, weights, seed)
        there = share[:, region] > 0.02
        change[there] += share[there, region, None] * (carry(flat[there]) - flat[there])
    change = np.ascontiguousarray(change.reshape(calm.shape)[..., 1:])
    return cv2.resize(blur(change, unit(calm)), (w, h), interpolation=cv2.INTER_LINEAR)


def _toned(lightness: Plane, own: Plane, goal: Plane) -> Plane:
    """Lightness (H, W) by a rising curve from quantiles (33,) to others, no flatter and no steeper than the bounds."""
    shift = np.interp(lightness, own, rising(own, goal, FLATTEST, STEEPEST) - own)
    return np.clip(lightness + shift.astype(np.float32), 0, 100)
