"""Shot `room`: dawn in the window, a lamp still on; a paper plane leaves through the window."""

from __future__ import annotations

import cv2
import numpy as np

from drawing import props
from drawing.camera import Camera, ease, glide
from drawing.materials import (
    bricks,
    felt,
    framed,
    glow,
    gradient,
    noise,
    opaque,
    photo,
    rgb,
    shadow,
    tiled,
    toned,
)
from drawing.scenery import centred, flying, ground, hill, lying, standing, vignette
from drawing.stage import Layer, Stage

WALL, DESK = 4.0, -0.72  # depth of the wall; height of the desk
WINDOW = (-0.95, -1.72, 1.25, 1.05)  # x, y of its middle, width, height


def stage() -> Stage:
    darker = vignette(0.42)
    return Stage(_layers(), _camera, lambda picture, t: picture * darker)


def _camera(t: float) -> Camera:
    u = glide(t)
    return Camera(x=0.34 - 0.48 * u, y=-1.32 - 0.05 * u, z=0.0 + 0.42 * u, tilt=-0.055, pan=-0.02 + 0.03 * u)


def _layers() -> list[Layer]:
    sky = gradient(900, 500, (0, "33406f"), (0.45, "8d7fa3"), (0.68, "f2b08a"), (0.8, "fbd9a5"), (1, "fbd9a5"))
    far = toned(photo("grass"), "4c5374", "6d6e8c")
    near = toned(photo("grass"), "3b4a5a", "5f6a6a")
    return [
        centred(opaque(sky), -2.0, -2.2, 20, 24),
        centred(props.clouds(900, 260, 5, "f7c6ae"), -3.0, -4.2, 18, 16, solid=False),
        hill(far, 16, 2.6, -3, 15, 7, base=-0.2),
        hill(near, 12, 1.7, -2, 9, 8, base=-0.35),
        _wall(),
        *_on_the_wall(),
        *_desk(),
        flying(props.paper_plane(), _flight, 620),
        standing(props.leaves(3, "3f7a52"), -0.86, -0.80, 1.5, 560, (30, 500)),
    ]


def _wall() -> Layer:
    per_metre, width, height = 320, 6.0, 3.6
    w, h = int(width * per_metre), int(height * per_metre)
    wall = toned(tiled(bricks(), w, h), "6e3a3c", "d79a78", 0.25, 0.75)
    wall = wall * (0.8 + 0.4 * noise(w, h, 300, 2, 3))[..., None]
    x, y, across, down = WINDOW
    alpha = np.ones((h, w), np.float32)
    left, top = round((x + width / 2 - across / 2) * per_metre), round((y + 3.4 - down / 2) * per_metre)
    alpha[top : top + round(down * per_metre), left : left + round(across * per_metre)] = 0
    lit = 1.05 - 0.35 * np.linspace(0, 1, w, dtype=np.float32)[None, ::-1, None]
    return standing(opaque(np.clip(wall * lit, 0, 1), alpha), 0, 0, WALL, per_metre, (w / 2, 3.4 * per_metre))


def _on_the_wall() -> list[Layer]:
    pictures = [(photo("rocket"), 0.55, -1.80, 0.95, "4a2c20"), (photo("chelsea"), 1.42, -1.98, 0.60, "b98a3e")]
    pictures += [(photo("coffee")[:, 60:-60], 1.42, -1.42, 0.48, "2f5f5e")]
    layers = [_window_frame()]
    for picture, x, y, width, wood in pictures:
        frame = framed(picture, 400, 22, 20, wood)
        dark = np.pad(np.ones(frame.shape[:2], np.float32), 40)
        layers.append(
            centred(shadow(dark, 14, 0.55), x - 0.03, y + 0.05, WALL - 0.01, width * dark.shape[1] / 484, solid=False)
        )
        layers.append(centred(frame, x, y, WALL - 0.03, width))
    layers.append(centred(glow(256, rgb("ffb45e"), 0.50, 1.6), 0.75, -1.15, WALL - 0.05, 3.4, solid=False))
    return layers


def _window_frame() -> Layer:
    x, y, across, down = WINDOW
    per_metre, bar = 320, 26
    w, h = round((across + 0.12) * per_metre), round((down + 0.12) * per_metre)
    mask = np.zeros((h, w), np.float32)
    mask[:bar], mask[-bar:], mask[:, :bar], mask[:, -bar:] = 1, 1, 1, 1
    mask[:, w // 2 - 6 : w // 2 + 6] = 1
    mask[h // 2 - 6 : h // 2 + 6] = 1
    return centred(felt(mask, rgb("e8dcc4"), 9, 5), x, y, WALL - 0.02, w / per_metre)


def _desk() -> list[Layer]:
    grain = cv2.resize(noise(512, 64, 40, 9, 4), (512, 512), interpolation=cv2.INTER_CUBIC)  # drawn out along the board
    wood = np.clip(rgb("a8643a") * (0.62 + 0.75 * grain[..., None]), 0, 1)
    front = wood[:200] * 0.62
    top = ground(wood, 1.4, -2.6, 5.2, (1.75, 3.05), "8d5a44", 0.35, y=DESK)
    for layer in top:
        layer.depth = lambda t: 3.2
    edge = standing(opaque(tiled(front.copy(), 1560, 200)), 0, DESK, 1.75, 300, (780, 0))
    things = [
        (props.books(), -0.72, 2.62, 560, (165, 187), 0.66),
        (props.mug(), 0.06, 2.36, 760, (80, 146), 0.26),
        (props.rocket(), 0.47, 2.62, 830, (130, 549), 0.32),
        (props.desk_lamp(), 1.12, 2.75, 560, (220, 425), 0.34),
    ]
    layers = [*top, edge]
    for texture, x, z, per_metre, pivot, wide in things:
        layers.append(lying(props.contact(240, 120, 0.6), x - 0.04, DESK - 0.001, z + 0.02, wide * 1.5, wide * 0.8))
        layers.append(standing(texture, x, DESK, z, per_metre, pivot))
    layers.append(centred(glow(256, rgb("ffd08a"), 0.55, 2.0), 0.86, DESK - 0.42, 2.70, 0.9, solid=False))
    return layers


def _flight(t: float) -> tuple[float, float, float, float]:
    """In from the right, in front of the rocket, out through the window and away over the hills."""
    u = (t + 6) / 48
    x = 1.65 - 3.05 * u + 0.25 * float(np.sin(3.2 * u))
    y = -1.12 - 0.72 * ease(u, 0, 1) - 0.12 * float(np.sin(7 * u))
    z = 2.05 + 0.7 * u + 2.9 * ease(u, 0.45, 1.15)
    return x, y, z, 0.16 * float(np.cos(7 * u)) + 0.12
