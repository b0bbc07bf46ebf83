"""Shot `meadow`: a mill, a balloon and somebody waving, while day turns into evening."""

from __future__ import annotations

import cv2
import numpy as np

from drawing import props, puppet
from drawing.camera import Camera, card, ease, glide
from drawing.materials import glow, gradient, opaque, photo, rgb, toned
from drawing.scenery import centred, flying, ground, hill, lying, standing, vignette
from drawing.stage import Colour, Layer, Stage

MILL = (1.75, 8.0, 190.0)  # x, z, texels per metre


def stage() -> Stage:
    darker = vignette(0.36)
    return Stage(_layers(), _camera, lambda picture, t: picture * (darker * np.float32(_evening(t))))


def _camera(t: float) -> Camera:
    u = glide(t, 52)
    return Camera(x=-0.35 + 0.55 * u, y=-1.15 - 0.24 * u, z=0.0 + 0.34 * u, tilt=0.012 - 0.042 * u)


def _dusk(t: float) -> float:
    return 0.62 * ease(t, 2, 40)


def _evening(t: float) -> Colour:
    """What the light over the whole picture is multiplied by."""
    d = _dusk(t)
    return 1.04 - 0.30 * d, 1.0 - 0.36 * d, 0.96 - 0.14 * d


def _rising(t: float) -> Colour:
    return (_dusk(t),) * 3


def _layers() -> list[Layer]:
    day = gradient(900, 520, (0, "5aa2c4"), (0.5, "b9d9d4"), (0.68, "fbe8bd"), (1, "fbe8bd"))
    dusk = gradient(900, 520, (0, "4c4a8a"), (0.38, "b0668f"), (0.56, "f0875f"), (0.68, "ffd08a"), (1, "ffd08a"))
    grass = toned(photo("grass"), "4d7a3c", "b9c869")
    small = cv2.resize(photo("grass"), (200, 200), interpolation=cv2.INTER_AREA)
    blue, green, near = (
        toned(small, "86a8a4", "a3bfac"),
        toned(small, "648f5c", "97b472"),
        toned(small, "568046", "a9be68"),
    )
    mill_x, mill_z, mill_scale = MILL
    return [
        centred(opaque(day), 0, -10, 60, 92, tint=lambda t: (1 - _dusk(t),) * 3),
        centred(
            np.dstack([opaque(dusk)[..., :3], np.zeros((520, 900, 1), np.float32)]).astype(np.float32),
            0,
            -10,
            59.9,
            92,
            tint=_rising,
            solid=False,
        ),
        centred(glow(400, rgb("ffdf9a"), 0.9, 2.2), -9, -3.4, 58, 34, solid=False),
        centred(props.clouds(1100, 300, 31, "fff1da"), 4, -15.5, 55, 70, solid=False),
        hill(blue, 60, 6.5, 2, 34, 41, base=0.5),
        hill(green, 34, 3.4, -4, 20, 42, base=0.3),
        hill(near, 24, 2.0, 4, 13, 43, base=0.2),
        flying(props.balloon(), _balloon, 150),
        flying(props.balloon()[:, ::-1].copy(), _far_balloon, 150),
        *ground(grass, 1.6, -9, 18, (2.2, 4.0, 7.0, 13.0), "b8c98a", 0.45),
        lying(props.contact(300, 120, 0.45), mill_x, -0.001, mill_z, 2.6, 1.6),
        standing(props.windmill(), mill_x, 0.02, mill_z, mill_scale, (150, 639)),
        _sails(),
        *[
            centred(glow(128, rgb("ffc766"), 2.4, 1.8), mill_x, -y, mill_z - 0.02, 0.75, tint=_rising, solid=False)
            for y in (1.80, 1.12)
        ],
        standing(props.tree(9, "5f8f4e"), -3.3, 0, 9.5, 170, (232, 558)),
        standing(props.tree(11, "7a9c4a"), 4.6, 0, 10.5, 170, (232, 558)),
        lying(props.contact(240, 100, 0.5), -1.75, -0.001, 6.0, 1.5, 0.7),
        standing(props.horse(), -1.75, 0.0, 6.0, 300, (200, 322)),
        puppet.ground_shadow(_girl, puppet.waving),
        *puppet.doll(puppet.WALKER, puppet.waving, _girl),
        flying(props.paper_plane(), _flight, 520),
        *[standing(_tuft(seed), x, 0.03, z, 500, (150, 200)) for seed, x, z in _TUFTS],
    ]


_TUFTS = [(1, -2.05, 4.0), (2, -1.25, 4.2), (3, 1.1, 3.9), (4, 1.9, 4.1), (5, 0.55, 4.4), (6, 2.6, 4.5)]


def _girl(t: float) -> tuple[float, float, float]:
    return -0.30, 0.0, 5.0


def _balloon(t: float) -> tuple[float, float, float, float]:
    return -2.6 + 0.016 * t, -2.3 - 0.036 * t, 10.5, 0.05 * float(np.sin(t * 0.09))


def _far_balloon(t: float) -> tuple[float, float, float, float]:
    return 1.2 + 0.01 * t, -6.4 - 0.02 * t, 27.0, 0.04 * float(np.sin(t * 0.07 + 1))


def _flight(t: float) -> tuple[float, float, float, float]:
    u = t / 48
    return (
        1.5 - 2.2 * u,
        -1.55 - 0.6 * u - 0.15 * float(np.sin(6 * u)),
        4.9 + 1.2 * u,
        0.18 * float(np.cos(6 * u)) + 0.1,
    )


def _sails() -> Layer:
    x, z, scale = MILL

    def plane(t: float) -> np.ndarray:
        return card(x, 0.02 - (639 - 150) / scale, z - 0.05, scale * 1.05, (279.5, 279.5), 0.3 + 0.055 * t)

    return Layer(props.sails(), plane, lambda t: z - 0.05)


def _tuft(seed: int) -> np.ndarray:
    """300 x 210: blades of grass, and a few flowers, near to the lens."""
    w, h = 300, 210
    random = np.random.default_rng(seed)
    whole = np.zeros((h, w, 4), np.float32)
    for _ in range(26):
        root, tip = 150 + 190 * (random.random() - 0.5), 150 + 280 * (random.random() - 0.5)
        top = 30 + 110 * random.random()
        middle = (root + (tip - root) * 0.3, (200 + top) / 2)
        blade = props.outline(
            w, h, [(root - 5, 205), (middle[0] - 3, middle[1]), (tip, top), (middle[0] + 4, middle[1]), (root + 5, 205)]
        )
        whole = props.over(whole, props.flat(blade, random.choice(["5c8a3c", "7aa548", "93b455", "47733a"])))
    for _ in range(3):
        x, y = 60 + 180 * random.random(), 40 + 70 * random.random()
        whole = props.over(whole, props.felt(props.disc(w, h, x, y, 10), rgb("f3d25a"), 8, seed))
        whole = props.over(whole, props.felt(props.disc(w, h, x, y, 4), rgb("c9652f"), 4, seed))
    return whole
