"""Shot `moon`: an astronaut dances beside a toy rocket under a red planet."""

from __future__ import annotations

import numpy as np

from drawing import props, puppet
from drawing.camera import Camera, glide
from drawing.materials import glow, opaque, photo, rgb, toned
from drawing.scenery import centred, flying, ground, hill, lying, standing, vignette
from drawing.stage import Layer, Stage


def stage() -> Stage:
    darker = vignette(0.40)
    return Stage(_layers(), _camera, lambda picture, t: picture * darker)


def _camera(t: float) -> Camera:
    u = glide(t, 42)
    return Camera(
        x=-0.75 + 1.25 * u, y=-0.98 - 0.1 * u, z=-0.15 + 0.45 * u, tilt=-0.03, pan=0.10 - 0.19 * u, roll=0.01 - 0.02 * u
    )


def _dancer(t: float) -> tuple[float, float, float]:
    return -0.62 + 0.10 * float(np.sin(t * 0.1)), 0.0, 4.0


def _pose(t: float) -> puppet.Pose:
    return puppet.dancing(t / 36 + 0.05)


def _layers() -> list[Layer]:
    stars = photo("hubble_deep_field") ** 1.15
    stars = np.clip(stars * np.float32([0.80, 0.78, 0.98]) + rgb("141536"), 0, 1)
    dust = toned(photo("moon"), "5b566e", "cfc6c4", 0.25, 0.65)
    far, near = (
        toned(photo("moon"), "45436a", "7f7a98", 0.25, 0.65),
        toned(photo("moon"), "56516d", "a8a0ac", 0.25, 0.65),
    )
    return [
        centred(opaque(stars), 0, -8, 60, 84),
        centred(glow(300, rgb("ff8a5c"), 0.55, 2.2), 9.0, -11.2, 50, 34, solid=False),
        centred(props.planet(), 9.0, -11.2, 48, 17),
        hill(far, 44, 4.2, 2, 24, 61, rough=0.75, base=0.4),
        hill(near, 26, 2.0, -3, 13.2, 62, rough=0.7, base=0.2),
        *ground(dust, 3.2, -9, 18, (2.2, 4.0, 7.0, 13.0), "8f88a2", 0.5, seed=63),
        *_craters(),
        lying(props.contact(300, 120, 0.7), 1.5, -0.001, 6.4, 2.4, 1.1),
        standing(props.rocket(), 1.35, 0.02, 6.4, 215, (130, 549)),
        centred(glow(128, rgb("8fe3ff"), 0.6, 1.6), 1.35, -(549 - 215) / 215, 6.38, 0.8, solid=False),
        puppet.ground_shadow(_dancer, _pose),
        *puppet.doll(puppet.ASTRONAUT, _pose, _dancer),
        flying(props.paper_plane(), _flight, 430),
        standing(props.rocks(5), -1.75, 0.10, 3.1, 430, (260, 210)),
        standing(props.rocks(8), 1.72, 0.10, 3.0, 520, (260, 210)),
    ]


def _craters() -> list[Layer]:
    """Bowls in the dust: a lit far wall, a dark near one."""
    size = 260
    rows, columns = (np.mgrid[:size, :size].astype(np.float32) - size / 2) / (size / 2)
    r = np.hypot(rows, columns)
    bowl = np.clip((0.82 - r) * 9, 0, 1)
    rim = np.exp(-(((r - 0.86) / 0.07) ** 2))
    shade = np.clip(0.34 + 0.42 * rows + 0.30 * columns, 0.08, 0.9)[..., None] * rgb("cfc6d0")
    texture = opaque(shade.astype(np.float32), 0.75 * bowl)
    texture = texture * (1 - 0.5 * rim[..., None]) + 0.5 * rim[..., None] * np.append(rgb("e9e0dc"), 1)
    places = [(0.45, 5.0, 0.9), (-2.1, 5.6, 1.2), (2.9, 4.6, 0.9), (-0.4, 8.5, 1.8), (3.4, 9.0, 2.2), (-1.2, 3.4, 0.5)]
    layers = [lying(texture.astype(np.float32), x, -0.0005, z, wide, wide) for x, z, wide in places]
    for layer in layers:
        layer.depth = lambda t: 12.99
    return layers


def _flight(t: float) -> tuple[float, float, float, float]:
    """Weightless: it drifts and slowly turns."""
    return 0.75 - 0.018 * t, -1.55 - 0.10 * float(np.sin(t * 0.08)), 4.6, 0.35 * float(np.sin(t * 0.06)) + 0.1
