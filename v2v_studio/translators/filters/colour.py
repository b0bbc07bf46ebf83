"""Tone and colour: levels, saturation, washes, palettes. Pictures are (H, W, 3) float32 RGB in [0, 1]."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.translators.filters.fields import Plane, blur


def rgb(red: float, green: float, blue: float) -> Plane:
    """One colour, (3,) float32."""
    return np.array([red, green, blue], np.float32)


def over(ground: Plane, paint: Plane, cover: Plane) -> Plane:
    """Paint over a ground: `cover` (H, W) in [0, 1] says how much of it the paint hides. Either may be one colour."""
    c = np.clip(cover, 0, 1)[..., None]
    return ground + c * (paint - ground)


def lightness(picture: Plane) -> Plane:
    """(H, W) CIE L* / 100."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[..., 0] / 100


def levels(tone: Plane) -> Plane:
    """A tone stretched to use the paper: darkest 1 % near 0, lightest near 1, the mean drawn towards the middle.

    A nearly flat tone is stretched by four at most, so that noise in a black frame stays unseen.
    """
    small = cv2.resize(tone, (96, 96), interpolation=cv2.INTER_AREA)
    low, high = np.percentile(small, (1, 99))
    span, low = max(high - low, 0.25), min(low, 0.4)
    mean = np.clip((small - low) / span, 0, 1).mean()
    gamma = np.clip(np.log(0.55) / np.log(np.clip(mean, 0.02, 0.98)), 0.55, 1.5)
    return np.clip((tone - np.float32(low)) / np.float32(span), 0, 1) ** np.float32(gamma)


def graded(picture: Plane, lift: float = 0.0, saturation: float = 1.0, gamma: float = 1.0) -> Plane:
    """Lightness to the power gamma and raised towards white by `lift`, chroma times `saturation`; hue kept."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    tone = (lab[..., 0] / 100) ** np.float32(gamma)
    return with_tone(lab, tone + lift * (1 - tone), saturation)


def toned(picture: Plane, tone: Plane) -> Plane:
    """The picture with another lightness (H, W) in [0, 1], its colours kept."""
    return with_tone(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), tone)


def with_tone(lab: Plane, tone: Plane, saturation: float = 1.0) -> Plane:
    """RGB of a Lab picture that is given another lightness (H, W) in [0, 1]."""
    out = np.dstack([tone * 100, lab[..., 1:] * np.float32(saturation)]).astype(np.float32)
    return np.clip(cv2.cvtColor(out, cv2.COLOR_LAB2RGB), 0, 1)


def steps(tone: Plane, count: float, softness: float = 0.15) -> Plane:
    """Tone in about `count` soft steps (Winnemoeller et al. 2006, Eq. 3); softness 0 is a hard posterisation."""
    width = 1 / count
    nearest = (np.floor(tone / width) + 0.5) * np.float32(width)
    return nearest + np.float32(width / 2) * np.tanh((tone - nearest) / np.float32(width * max(softness, 1e-3)))


def palette(picture: Plane, count: int) -> Plane:
    """(count, 3) Lab colours that stand for the picture: farthest points first, then k-means. No chance in it."""
    small = cv2.GaussianBlur(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA), (0, 0), 1.0)
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


def in_palette(picture: Plane, centres: Plane, border: float) -> Plane:
    """The Lab picture painted with the palette alone, as (H, W, 3) Lab; regions are rounded off over `border` px."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    distance = np.stack([((lab - centre) ** 2).sum(2) for centre in centres], axis=2)
    label = distance.argmin(2)
    share = np.stack([blur((label == k).astype(np.float32), border) for k in range(len(centres))], axis=2)
    share = np.maximum(share, 0) ** np.float32(8)
    share /= share.sum(2, keepdims=True)
    return (share @ centres).astype(np.float32)


def pigment(picture: Plane, density: Plane) -> Plane:
    """Transparent paint laid thicker (density > 1) or thinner: C - (C - C^2)(d - 1) (Bousseau et al. 2006, Eq. 1)."""
    return np.clip(picture - (picture - picture * picture) * (density[..., None] - 1), 0, 1)
