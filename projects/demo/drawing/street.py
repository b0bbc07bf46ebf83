"""Shot `street`: a girl in a red coat walks along a wall of posters; the camera goes with her."""

from __future__ import annotations

import numpy as np

from drawing import props, puppet
from drawing.camera import Camera, glide
from drawing.materials import bricks, felt, framed, gradient, noise, opaque, photo, rgb, shadow, tiled, toned
from drawing.scenery import centred, flying, ground, lying, standing, vignette
from drawing.stage import Layer, Stage

WALL, PATH = 5.4, 4.1  # depths of the wall and of the walker
STRIDE, CYCLE = 0.98, 25.0  # metres and frames of two steps


def stage() -> Stage:
    darker = vignette(0.32)
    return Stage(_layers(), _camera, lambda picture, t: picture * darker)


def _camera(t: float) -> Camera:
    u = glide(t)
    return Camera(x=0.1 + 2.05 * u, y=-0.92 - 0.06 * u, z=0.0 + 0.25 * u, tilt=-0.005, pan=0.02 - 0.05 * u)


def _walker(t: float) -> tuple[float, float, float]:
    return -0.75 + STRIDE * t / CYCLE, 0.0, PATH


def _pose(t: float) -> puppet.Pose:
    return puppet.walking(t / CYCLE + 0.1)


def _layers() -> list[Layer]:
    sky = gradient(800, 420, (0, "5fa6b8"), (0.6, "c4dfd6"), (1, "f6e7c6"))
    stones = toned(photo("gravel"), "8f8478", "e6d8be")
    return [
        centred(opaque(sky), 1, -5, 40, 52),
        centred(props.clouds(1000, 300, 12, "fff6e4"), 1, -8.6, 38, 50, solid=False),
        *_houses(),
        standing(props.tree(5, "6f9a4e"), -0.6, 0, 7.0, 190, (232, 558)),
        standing(props.tree(6, "88a94c"), 2.1, 0, 7.8, 170, (232, 558)),
        standing(props.tree(7, "5f8f56"), 4.6, 0, 7.2, 180, (232, 558)),
        *ground(stones, 1.5, -4, 11, (2.2, 3.6, WALL + 0.02), "d9c9ac", 0.25),
        *_wall(),
        puppet.ground_shadow(_walker, _pose),
        *puppet.doll(puppet.WALKER, _pose, _walker),
        flying(props.paper_plane(), _flight, 560),
        lying(props.contact(240, 120, 0.5), 0.95, -0.001, 2.9, 0.6, 0.4),
        standing(props.lamp_post(), 1.15, 0.02, 2.75, 420, (85, 899)),
    ]


def _wall() -> list[Layer]:
    per_metre, width, height = 240, 12.0, 1.62
    w, h = int(width * per_metre), int(height * per_metre)
    wall = toned(tiled(bricks(), w, h), "9a5a44", "e3b68e", 0.25, 0.75)
    wall = wall * (0.86 + 0.28 * noise(w, h, 260, 3, 3))[..., None]
    rows = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    layers = [standing(opaque(np.clip(wall * (1.06 - 0.30 * rows**3), 0, 1)), 1, 0, WALL, per_metre, (w / 2, h - 1))]
    coping = felt(np.ones((34, w), np.float32), rgb("d9cbb0"), 10, 4, grain=0.4)
    layers.append(standing(coping, 1, -height + 0.02, WALL - 0.06, per_metre, (w / 2, 30)))
    posters = [
        (photo("chelsea"), -1.55, 0.95),
        (photo("astronaut"), -0.35, 0.72),
        (photo("stereo_motorcycle"), 0.92, 1.05),
        (photo("camera"), 2.15, 0.74),
        (photo("coffee"), 3.25, 0.95),
        (photo("coins"), 4.45, 0.9),
    ]
    for index, (picture, x, wide) in enumerate(posters):
        sheet = framed(picture, 300, 4, 12, "cbb48a")
        y = -0.86 + 0.05 * float(np.sin(2.4 * index))
        dark = np.pad(np.ones(sheet.shape[:2], np.float32), 24)
        layers.append(
            centred(shadow(dark, 7, 0.4), x + 0.02, y + 0.03, WALL - 0.01, wide * dark.shape[1] / 332, solid=False)
        )
        layers.append(centred(sheet, x, y, WALL - 0.02, wide))
    dapple = np.clip((noise(1200, 200, 90, 21, 3) - 0.5) * 6, 0, 1)
    layers.append(centred(shadow(dapple, 3, 0.30, (0.10, 0.08, 0.20)), 1, -0.82, WALL - 0.04, 11, solid=False))
    return layers


def _houses() -> list[Layer]:
    random = np.random.default_rng(4)
    layers = []
    for index, x in enumerate(np.arange(-9, 13, 2.3)):
        wide, tall = 190 + int(60 * random.random()), 330 + int(120 * random.random())
        colour = rgb(("c98f78", "d8b48c", "a9b5a6", "c7a7a0")[index % 4])
        house = felt(np.ones((tall, wide), np.float32), colour, 8, 200 + index)
        for row in range(60, tall - 50, 70):
            for column in range(28, wide - 40, 52):
                house[row : row + 38, column : column + 26, :3] = rgb("6d7f8c")
        roof_height = 90
        roof = props.polygon(wide + 40, roof_height, [(0, 89), (60, 8), (wide - 20, 8), (wide + 40, 89)])
        z = 15 + 0.01 * index
        layers.append(standing(house, float(x), 0.85, z, 90, (wide / 2, tall)))
        layers.append(
            standing(
                felt(roof, rgb("a4543f"), 10, 300 + index),
                float(x),
                0.85 - tall / 90,
                z - 0.005,
                90,
                (wide / 2 + 20, roof_height - 4),
            )
        )
    return layers


def _flight(t: float) -> tuple[float, float, float, float]:
    """Ahead of her and above, from right to left across the wall."""
    u = t / 48
    return 3.3 - 2.1 * u, -1.48 - 0.22 * float(np.sin(4.5 * u)), 4.7, 0.20 * float(np.cos(4.5 * u))
