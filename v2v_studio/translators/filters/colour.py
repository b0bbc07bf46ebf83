"""Tone and colour: levels, saturation, washes, palettes. Pictures are (H, W, 3) float32 RGB in [0, 1]."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import blur
from v2v_studio.types import Array


def lightness(picture: Array) -> Array:
    """(H, W) CIE L* / 100."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[..., 0] / 100


def levels(tone: Array, strength: float = 1.0) -> Array:
    """A tone stretched to use the paper: darkest 1 % near 0, lightest near 1, the mean drawn towards the middle.

    A nearly flat tone is stretched by four at most, so that noise in a black frame stays unseen.
    """
    small = cv2.resize(tone, (96, 96), interpolation=cv2.INTER_AREA)
    low, high = np.percentile(small, (1, 99))
    span = max(high - low, 0.25)
    low = min(low, 0.4)
    even = np.clip((tone - low) / span, 0, 1)
    mean = float(np.clip(((np.clip((small - low) / span, 0, 1)).mean()), 0.02, 0.98))
    gamma = float(np.clip(np.log(0.55) / np.log(mean), 0.55, 1.5))
    return (1 - strength) * tone + strength * even ** np.float32(gamma)


def graded(picture: Array, lift: float = 0.0, saturation: float = 1.0, gamma: float = 1.0) -> Array:
    """Lightness to the power gamma and raised towards white by `lift`, chroma times `saturation`; hue kept."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    tone = (lab[..., 0] / 100) ** np.float32(gamma)
    return with_tone(lab, tone + lift * (1 - tone), saturation)


def with_tone(lab: Array, tone: Array, saturation: float = 1.0) -> Array:
    """RGB of a Lab picture that is given another lightness (H, W) in [0, 1]."""
    out = np.dstack([tone * 100, lab[..., 1:] * np.float32(saturation)]).astype(np.float32)
    return np.clip(cv2.cvtColor(out, cv2.COLOR_LAB2RGB), 0, 1)


def steps(tone: Array, count: float, softness: float = 0.15) -> Array:
    """Tone in about `count` soft steps (Winnemoeller et al. 2006, Eq. 3); softness 0 is a hard posterisation."""
    width = 1 / count
    nearest = (np.floor(tone / width) + 0.5) * np.float32(width)
    return nearest + np.float32(width / 2) * np.tanh((tone - nearest) / np.float32(width * max(softness, 1e-3)))


def palette(picture: Array, count: int) -> Array:
    """(count, 3) Lab colours that stand for the picture: farthest points first, then k-means. No chance in it."""
    small = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)
    points = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    chosen = [points[np.argmin(((points - points.mean(0)) ** 2).sum(1))]]
    nearest = ((points - chosen[0]) ** 2).sum(1)
    for _ in range(count - 1):
        chosen.append(points[np.argmax(nearest)])
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(1))
    centres = np.stack(chosen)
    for _ in range(12):
        label = ((points[:, None] - centres) ** 2).sum(2).argmin(1)
        for k in range(count):
            if (label == k).any():
                centres[k] = points[label == k].mean(0)
    return centres


def in_palette(picture: Array, centres: Array, border: float) -> Array:
    """The Lab picture painted with the palette alone, as (H, W, 3) Lab; regions are rounded off over `border` px."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    distance = np.stack([((lab - centre) ** 2).sum(2) for centre in centres], axis=2)
    label = distance.argmin(2)
    share = np.stack([blur((label == k).astype(np.float32), border) for k in range(len(centres))], axis=2)
    share = np.maximum(share, 0) ** np.float32(8)
    share /= share.sum(2, keepdims=True)
    return (share @ centres).astype(np.float32)


def pigment(picture: Array, density: Array) -> Array:
    """Transparent paint laid thicker (density > 1) or thinner: C - (C - C^2)(d - 1) (Bousseau et al. 2006, Eq. 1)."""
    d = density[..., None] if density.ndim == 2 else density
    return np.clip(picture - (picture - picture * picture) * (d - 1), 0, 1)


def ink_on(paper: Array, ink: tuple[float, float, float], cover: Array) -> Array:
    """Opaque ink over paper: `cover` (H, W) in [0, 1] says how much of the paper it hides."""
    c = np.clip(cover, 0, 1)[..., None]
    return paper * (1 - c) + np.asarray(ink, np.float32) * c
