"""Soft regions of colour in two pictures, and which of them answer each other."""

from __future__ import annotations

import numpy as np

from v2v_studio.translators.palette import Plane

REGIONS = 5
SOFTNESS = 8.0  # delta E over which a region passes into the next
TONE = 22.0  # a difference in lightness that counts as much as the picture's own measure of saturation
BOUND = 0.6  # how closely the style's areas are kept: at 1 a large sky would have to take the colour of skin
EVEN = 0.25  # of the mean cost, below which an exchange is indifferent


def centres(colours: Plane, weights: Plane) -> Plane:
    """(REGIONS, 3) Lab colours that stand for weighted ones (N, 3): farthest points first, then k-means. No chance."""
    present = colours[weights > 0.5] if (weights > 0.5).any() else colours
    chosen = [present.mean(0)]
    nearest = ((present - chosen[0]) ** 2).sum(1)
    for _ in range(REGIONS - 1):
        chosen.append(present[np.argmax(nearest)])
        nearest = np.minimum(nearest, ((present - chosen[-1]) ** 2).sum(1))
    found = np.stack(chosen)
    for _ in range(15):
        label = ((present[:, None] - found) ** 2).sum(2).argmin(1)
        for k in range(REGIONS):
            if (label == k).any():
                found[k] = present[label == k].mean(0)
    return found


def membership(colours: Plane, found: Plane) -> Plane:
    """How much each colour (N, 3) belongs to each region: (N, REGIONS), adding up to 1."""
    distance = np.stack([np.sqrt(((colours - centre) ** 2).sum(1)) for centre in found], axis=1)
    share = np.exp((distance.min(1, keepdims=True) - distance) / np.float32(SOFTNESS))
    return share / share.sum(1, keepdims=True)


def exchange(own: Plane, areas: Plane, other: Plane, other_areas: Plane) -> Plane:
    """How much of each region of one picture goes to each of the other: (REGIONS, REGIONS), no row empty.

    Entropic optimal transport (Cuturi 2013), the other's areas kept loosely (unbalanced, as in Chizat et al. 2018).
    Regions are alike when they are in lightness and, each measured by its picture's mean saturation, in saturation and
    hue.
    """
    cost = ((own[:, None, :1] - other[None, :, :1]) / TONE)[..., 0] ** 2
    cost = cost + ((_tint(own, areas)[:, None] - _tint(other, other_areas)[None]) ** 2).sum(2)
    kernel = np.exp(-cost / (EVEN * cost.mean() + 1e-6)) + 1e-9
    own_areas, left, right = areas / areas.sum(), np.ones(len(own)), np.ones(len(other))
    goal_areas = other_areas / other_areas.sum()
    for _ in range(200):
        left = own_areas / (kernel @ right)
        right = (goal_areas / (kernel.T @ left)) ** BOUND
    plan = left[:, None] * kernel * right
    return plan * (own_areas / plan.sum(1))[:, None]


def _tint(found: Plane, areas: Plane) -> Plane:
    """(REGIONS, 2): a and b in units of the picture's saturation; one without any colour stays grey."""
    chroma = np.sqrt((areas * (found[:, 1:] ** 2).sum(1)).sum() / areas.sum())
    return found[:, 1:] / max(float(chroma), 4.0)
