"""A jointed felt doll, seen from the side: two costumes, a walk and a dance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from drawing.camera import Matrix, card
from drawing.materials import disc, felt, opaque, outline, over, rgb, shadow
from drawing.stage import Layer

SCALE = 320  # texels per metre
THIGH, SHIN, TORSO, UPPER_ARM, FOREARM = 0.26, 0.27, 0.40, 0.20, 0.20
SOLE = 0.05  # from the ankle to the ground


@dataclass(frozen=True)
class Pose:
    """Angles in radians from straight down, forwards positive; pairs are (far side, near side).

    `lift` raises the feet above the ground, in metres; `lean` and `nod` tip the body and the head forwards.
    """

    thigh: tuple[float, float]
    knee: tuple[float, float]
    shoulder: tuple[float, float]
    elbow: tuple[float, float]
    lean: float = 0.0
    nod: float = 0.0
    scarf: float = 0.0
    lift: float = 0.0


def walking(phase: float) -> Pose:
    """One step cycle while `phase` goes from 0 to 1: the knee bends while the leg swings forward, arms go against legs."""
    turn = 2 * np.pi * np.array([phase + 0.5, phase])
    swing, forward = np.sin(turn), np.cos(turn)
    return Pose(
        thigh=_pair(0.50 * swing + 0.04),
        knee=_pair(0.12 + 0.95 * np.maximum(forward, 0) ** 1.5),
        shoulder=_pair(-0.55 * swing),
        elbow=_pair(0.45 - 0.25 * swing),
        lean=0.05 + 0.02 * float(np.cos(2 * turn[0])),
        nod=0.05 * float(np.sin(2 * turn[0])),
        scarf=0.28 * float(np.sin(2 * turn[0] + 1.0)),
    )


def dancing(beat: float) -> Pose:
    """A slow dance on little gravity, one bar while `beat` goes from 0 to 1: arms up, a kick across, a floating hop."""
    a = 2 * np.pi * beat
    hop = max(0.0, float(np.sin(a - 0.6)))
    return Pose(
        thigh=(0.25 + 0.75 * float(np.sin(a)), 0.15 - 0.60 * float(np.sin(a + 0.5))),
        knee=(0.45 + 0.40 * float(np.cos(a)), 0.50 - 0.40 * float(np.cos(a + 0.3))),
        shoulder=(1.6 + 0.9 * float(np.sin(a + 2.2)), 0.9 + 1.3 * float(np.sin(a + 0.4))),
        elbow=(0.6 + 0.4 * float(np.sin(2 * a)), 0.7 + 0.5 * float(np.cos(a + 1.0))),
        lean=0.16 * float(np.sin(a + 1.0)),
        nod=0.15 * float(np.sin(a + 2.0)),
        lift=0.34 * hop**1.5,
    )


def waving(t: float) -> Pose:
    """Standing, one arm up and waving; t in frames."""
    wave = float(np.sin(t * 0.42))
    return Pose(
        thigh=(-0.06, 0.07),
        knee=(0.02, 0.05),
        shoulder=(0.15, 2.05 + 0.10 * wave),
        elbow=(0.2, 0.55 + 0.45 * wave),
        lean=0.02 * wave,
        nod=-0.12,
        scarf=0.15 * float(np.sin(t * 0.3)),
    )


@dataclass(frozen=True)
class Costume:
    """Colours of a doll, `rgb` codes. `space` is a suit with a helmet, else a coat with a scarf."""

    coat: str
    trousers: str
    shoes: str
    hand: str
    trim: str
    space: bool = False


WALKER = Costume(coat="c9432f", trousers="34486b", shoes="5a3523", hand="efc3a0", trim="f2bd3f")
ASTRONAUT = Costume(coat="ece4d6", trousers="e2d8c8", shoes="d96b35", hand="d96b35", trim="d96b35", space=True)


def doll(
    costume: Costume, pose: Callable[[float], Pose], place: Callable[[float], tuple[float, float, float]]
) -> list[Layer]:
    """The layers of one doll.

    Args:
        pose: frame -> pose.
        place: frame -> world (x, y, z) of the ground below its hip.
    """
    parts = _parts(costume)

    def layer(index: int, name: str) -> Layer:
        texture, pivot = parts[name.rstrip("01")]
        if name.endswith("0"):  # the far side is in the body's shadow
            texture = texture * np.float32([0.66, 0.62, 0.72, 1])

        def plane(t: float) -> Matrix:
            x, y, z = place(t)
            joint_x, joint_y, angle = _joints(pose(t))[name]
            return card(x + joint_x, y + joint_y, z, SCALE, pivot, -angle)

        return Layer(texture, plane, lambda t: place(t)[2] - 0.001 * index)

    scarf = [] if costume.space else ["tail"]
    names = ["fore0", "arm0", "thigh0", "shin0", *scarf, "thigh1", "shin1", "torso", "head", "fore1", "arm1"]
    return [layer(index, name) for index, name in enumerate(names)]


def ground_shadow(place: Callable[[float], tuple[float, float, float]], pose: Callable[[float], Pose]) -> Layer:
    """The soft shadow below a doll, smaller and lighter the higher it hops."""
    texture = shadow(_oval(240, 96), 12, 0.6)

    def plane(t: float) -> Matrix:
        x, y, z = place(t)
        size = 0.42 * (1 - 0.8 * pose(t).lift)
        right, far = np.array([2 * size / 240, 0, 0]), np.array([0, 0, -0.9 * size / 96])
        return np.stack([right, far, np.array([x + 0.06, y - 0.002, z]) - 120 * right - 48 * far], 1)

    return Layer(texture, plane, lambda t: place(t)[2] + 0.01, solid=False)


def _oval(width: int, height: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    r = np.hypot((columns - width / 2) / (width * 0.36), (rows - height / 2) / (height * 0.30))
    return np.clip((1 - r) * 12, 0, 1)


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _joints(pose: Pose) -> dict[str, tuple[float, float, float]]:
    """Part -> (x, y, angle) of its joint; y counts down from the ground, x from the hip."""

    def along(length: float, angle: float) -> np.ndarray:
        return length * np.array([np.sin(angle), np.cos(angle)])

    shins = [thigh - knee for thigh, knee in zip(pose.thigh, pose.knee, strict=True)]
    reach = [THIGH * np.cos(a) + SHIN * np.cos(b) + SOLE for a, b in zip(pose.thigh, shins, strict=True)]
    hip = np.array([0.0, -max(reach) - pose.lift])
    neck = hip + along(TORSO, np.pi - pose.lean)
    shoulder = hip + along(TORSO - 0.07, np.pi - pose.lean)
    joints = {"torso": (*hip, -pose.lean), "head": (*neck, -pose.lean - pose.nod), "tail": (*neck, pose.scarf - 1.15)}
    for side in (0, 1):
        knee = hip + along(THIGH, pose.thigh[side])
        elbow = shoulder + along(UPPER_ARM, pose.shoulder[side])
        joints[f"thigh{side}"] = (*hip, pose.thigh[side])
        joints[f"shin{side}"] = (*knee, shins[side])
        joints[f"arm{side}"] = (*shoulder, pose.shoulder[side])
        joints[f"fore{side}"] = (*elbow, pose.shoulder[side] + pose.elbow[side])
    return joints


def _parts(costume: Costume) -> dict[str, tuple[np.ndarray, tuple[float, float]]]:
    """Part -> (RGBA texture, texel of its joint); each hangs straight down, facing right."""
    fat = 1.25 if costume.space else 1.0
    parts = {
        "thigh": _limb(THIGH, 0.072 * fat, 0.058 * fat, costume.trousers, 1),
        "shin": _shin(costume, fat),
        "arm": _limb(UPPER_ARM, 0.058 * fat, 0.050 * fat, costume.coat, 3),
        "fore": _forearm(costume, fat),
        "torso": _torso(costume),
        "head": _helmet(costume) if costume.space else _head(costume),
    }
    if not costume.space:
        parts["tail"] = _scarf_tail(costume)
    return parts


def _limb(length: float, top: float, bottom: float, colour: str, seed: int) -> tuple[np.ndarray, tuple[float, float]]:
    """A tapered, rounded limb from its joint at the top to the next at the bottom; radii in metres."""
    w, h = _texels(2 * top + 0.02), _texels(length + top + bottom + 0.02)
    x, y = w / 2, _texels(top + 0.01)
    return felt(_capsule(w, h, x, y, length, top, bottom), rgb(colour), 0.8 * top * SCALE, seed), (x, y)


def _capsule(w: int, h: int, x: float, y: float, length: float, top: float, bottom: float) -> np.ndarray:
    """(h, w) mask: everything within a radius, going from `top` to `bottom`, of a line down from (x, y)."""
    rows, columns = np.mgrid[:h, :w].astype(np.float32)
    share = np.clip((rows - y) / (length * SCALE), 0, 1)
    radius = (top + (bottom - top) * share) * SCALE
    return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y - share * length * SCALE), 0, 1)


def _shin(costume: Costume, fat: float) -> tuple[np.ndarray, tuple[float, float]]:
    w, h = _texels(0.36), _texels(SHIN + 0.16)
    x, y = _texels(0.12), _texels(0.08)
    leg = felt(_capsule(w, h, x, y, SHIN - 0.04, 0.058 * fat, 0.046 * fat), rgb(costume.trousers), 0.05 * SCALE, 5)
    ankle = y + _texels(SHIN)
    heel, toe, sole = x - _texels(0.055 * fat), x + _texels(0.135 * fat), ankle + _texels(SOLE)
    top = ankle - _texels(0.05)
    shape = [(heel, sole), (heel - 1, top), (x + 14, top - 2), (x + 22, ankle - 4), (toe, ankle + 6), (toe + 2, sole)]
    return over(leg, felt(outline(w, h, shape), rgb(costume.shoes), 0.035 * SCALE, 6)), (x, y)


def _forearm(costume: Costume, fat: float) -> tuple[np.ndarray, tuple[float, float]]:
    w, h = _texels(0.2), _texels(FOREARM + 0.18)
    x, y = w / 2, _texels(0.07)
    hand = felt(disc(w, h, x + 2, y + FOREARM * SCALE, 0.052 * fat * SCALE), rgb(costume.hand), 0.045 * SCALE, 8)
    sleeve = _capsule(w, h, x, y, FOREARM - 0.035, 0.050 * fat, 0.052 * fat)
    return over(hand, felt(sleeve, rgb(costume.coat), 0.045 * SCALE, 7)), (x, y)


def _torso(costume: Costume) -> tuple[np.ndarray, tuple[float, float]]:
    w, h = _texels(0.5), _texels(0.72)
    x, y = w / 2, _texels(0.50)  # the hip
    hem = 0.06 if costume.space else 0.15
    flare = 0.135 if costume.space else 0.195

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * SCALE, y + dy * SCALE

    shape = [at(-0.06, -0.43), at(0.05, -0.43), at(0.115, -0.34), at(0.135, -0.15), at(flare, hem)]
    shape += [at(0, hem + 0.02), at(-flare, hem), at(-0.14, -0.15), at(-0.12, -0.35)]
    body = felt(outline(w, h, shape), rgb(costume.coat), 0.11 * SCALE, 11)
    if costume.space:
        pack = outline(w, h, [at(0.02, -0.33), at(0.11, -0.33), at(0.12, -0.20), at(0.02, -0.20)], smooth=False)
        body = over(body, felt(pack, rgb("8c97a6"), 5, 12))
        for dx, code in ((0.045, "d94f3a"), (0.075, "f2bd3f"), (0.10, "4f9ad6")):
            body = over(body, felt(disc(w, h, *at(dx, -0.235), 4.5), rgb(code), 4, 13))
        belt = outline(w, h, [at(-0.14, -0.03), at(0.14, -0.03), at(0.14, 0.01), at(-0.14, 0.01)], smooth=False)
        return over(body, felt(belt * body[..., 3], rgb(costume.trim), 6, 14)), (x, y)
    for dy in (-0.25, -0.13, -0.01):
        body = over(body, felt(disc(w, h, *at(0.075, dy), 5), rgb("f5e3c2"), 4, 15))
    wrap = outline(w, h, [at(-0.10, -0.46), at(0.10, -0.46), at(0.12, -0.39), at(0.0, -0.355), at(-0.12, -0.39)])
    return over(body, felt(wrap, rgb(costume.trim), 0.05 * SCALE, 16, grain=0.3)), (x, y)


def _head(costume: Costume) -> tuple[np.ndarray, tuple[float, float]]:
    w, h = _texels(0.52), _texels(0.56)
    x, y = w / 2, _texels(0.46)  # the neck
    cx, cy, r = x + 6, y - 0.19 * SCALE, 0.165 * SCALE
    face = np.maximum(disc(w, h, cx, cy, r), disc(w, h, cx + r * 0.98, cy + 0.16 * r, 0.17 * r))
    head = felt(face, rgb("efc3a0"), 0.13 * SCALE, 21)
    head = over(
        head, opaque(np.broadcast_to(rgb("e48a72"), (h, w, 3)), 0.55 * disc(w, h, cx + 0.5 * r, cy + 0.4 * r, 9))
    )
    for dx, radius, code in ((0.62, 6.0, "2a2030"), (0.66, 1.8, "ffffff")):
        eye = disc(w, h, cx + dx * r, cy - 0.02 * r - (radius < 3) * 2, radius)
        head = over(head, opaque(np.broadcast_to(rgb(code), (h, w, 3)), eye))
    bob = [(cx + 0.70 * r, cy - 0.85 * r), (cx - 0.1 * r, cy - 1.22 * r), (cx - 1.1 * r, cy - 0.7 * r)]
    bob += [(cx - 1.25 * r, cy + 0.35 * r), (cx - 0.95 * r, cy + 1.0 * r), (cx - 0.25 * r, cy + 0.85 * r)]
    bob += [(cx - 0.05 * r, cy + 0.1 * r), (cx + 0.25 * r, cy - 0.38 * r), (cx + 0.88 * r, cy - 0.42 * r)]
    head = over(head, felt(outline(w, h, bob), rgb("5b3320"), 0.07 * SCALE, 22, grain=0.35))
    hat = [(cx + 0.98 * r, cy - 0.52 * r), (cx + 0.6 * r, cy - 1.25 * r), (cx - 0.25 * r, cy - 1.5 * r)]
    hat += [(cx - 1.05 * r, cy - 1.05 * r), (cx - 1.18 * r, cy - 0.35 * r), (cx, cy - 0.72 * r)]
    head = over(head, felt(outline(w, h, hat), rgb(costume.trim), 0.08 * SCALE, 23, grain=0.3))
    bobble = disc(w, h, cx - 0.35 * r, cy - 1.55 * r, 0.22 * r)
    return over(head, felt(bobble, rgb("fff1d8"), 0.03 * SCALE, 24, grain=0.4)), (x, y)


def _helmet(costume: Costume) -> tuple[np.ndarray, tuple[float, float]]:
    w, h = _texels(0.56), _texels(0.56)
    x, y = w / 2, _texels(0.46)
    cx, cy, r = x + 4, y - 0.20 * SCALE, 0.205 * SCALE
    helmet = felt(disc(w, h, cx, cy, r), rgb("f1ece2"), 0.17 * SCALE, 31, grain=0.05)
    visor = outline(
        w,
        h,
        [
            (cx - 0.15 * r, cy - 0.6 * r),
            (cx + 0.75 * r, cy - 0.55 * r),
            (cx + 0.92 * r, cy),
            (cx + 0.72 * r, cy + 0.5 * r),
            (cx - 0.15 * r, cy + 0.55 * r),
            (cx - 0.32 * r, cy),
        ],
    )
    rim = cv2.dilate(visor, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11)))
    helmet = over(helmet, felt(rim, rgb(costume.trim), 5, 32))
    helmet = over(helmet, felt(visor, rgb("273d63"), 0.10 * SCALE, 33, grain=0.0))
    shine = outline(
        w, h, [(cx + 0.05 * r, cy - 0.42 * r), (cx + 0.45 * r, cy - 0.44 * r), (cx + 0.12 * r, cy - 0.02 * r)]
    )
    return over(helmet, opaque(np.broadcast_to(rgb("e8f4ff"), (h, w, 3)), 0.75 * shine)), (x, y)


def _scarf_tail(costume: Costume) -> tuple[np.ndarray, tuple[float, float]]:
    w, h = _texels(0.18), _texels(0.46)
    x, y = w / 2, 14
    shape = [(x - 12, y), (x + 12, y), (x + 18, y + 60), (x + 20, y + 124), (x - 16, y + 128), (x - 12, y + 60)]
    cloth = np.broadcast_to(rgb(costume.trim), (h, w, 3)).copy()
    cloth[(np.arange(h) // 12) % 3 == 0] = rgb("d9822b")
    return felt(outline(w, h, shape), cloth, 12, 41, grain=0.3), (x, y)


def _texels(metres: float) -> int:
    return round(metres * SCALE)
