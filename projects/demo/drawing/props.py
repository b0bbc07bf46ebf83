"""Things that stand about: each one RGBA, its texels per metre left to who places it."""

from __future__ import annotations

import cv2
import numpy as np

from drawing.materials import (
    disc,
    felt,
    noise,
    opaque,
    outline,
    over,
    photo,
    rgb,
    shadow,
    toned,
)

Points = list[tuple[float, float]]


def flat(mask: np.ndarray, code: str) -> np.ndarray:
    """One colour within a mask, RGBA."""
    return opaque(np.broadcast_to(rgb(code), (*mask.shape, 3)), mask)


def polygon(width: int, height: int, points: Points) -> np.ndarray:
    return outline(width, height, points, smooth=False)


def paper_plane() -> np.ndarray:
    """240 x 110, nose to the left; its middle is at (120, 55)."""
    w, h = 240, 110
    nose = (6.0, 62.0)
    far = flat(polygon(w, h, [nose, (214, 12), (150, 58)]), "cfc9bf")
    keel = flat(polygon(w, h, [nose, (150, 58), (160, 100), (128, 74)]), "a9a39c")
    wing = flat(polygon(w, h, [nose, (232, 46), (150, 62)]), "f8f3e8")
    fold = flat(polygon(w, h, [nose, (150, 62), (168, 72)]), "dcd5c8")
    return over(over(over(far, keel), fold), wing)


def rocket(body: str = "e9dfcc", paint: str = "cf4a34", glass: str = "58a3b8") -> np.ndarray:
    """260 x 560, standing; the ground is its last row but ten."""
    w, h = 260, 560
    x = w / 2

    def shape(*points: tuple[float, float]) -> np.ndarray:
        return outline(w, h, [(x + a, b) for a, b in points])

    left = felt(shape((-48, 330), (-98, 430), (-104, 545), (-60, 500), (-30, 470)), rgb(paint), 16, 51)
    right = felt(shape((48, 330), (98, 430), (104, 545), (60, 500), (30, 470)), rgb(paint) * 0.8, 16, 52)
    nozzle = felt(shape((-34, 478), (34, 478), (46, 532), (-46, 532)), rgb("57505a"), 14, 53)
    hull = shape((0, 12), (44, 90), (66, 200), (70, 330), (50, 492), (-50, 492), (-70, 330), (-66, 200), (-44, 90))
    rows = np.arange(h)
    skin = np.broadcast_to(rgb(body), (h, w, 3)).copy()
    skin[rows < 118] = rgb(paint)
    skin[(rows > 372) & (rows < 396)] = rgb(paint)
    rounded = felt(hull, skin, 62, 54, grain=0.06)
    middle = felt(shape((-14, 380), (14, 380), (20, 480), (16, 552), (-16, 552), (-20, 480)), rgb(paint) * 0.95, 14, 55)
    whole = over(over(over(left, right), nozzle), rounded)
    whole = over(whole, middle)
    whole = over(whole, felt(disc(w, h, x, 215, 41), rgb("b9a98e"), 10, 56))
    whole = over(whole, felt(disc(w, h, x, 215, 30), rgb(glass), 28, 57, grain=0))
    whole = over(whole, flat(0.7 * disc(w, h, x - 10, 204, 8), "f4fbff"))
    return over(whole, felt(disc(w, h, x, 300, 19), rgb("f2bd3f"), 9, 58))


def mug() -> np.ndarray:
    """170 x 150, the ground at row 146; its saucer is of the red of the photograph of coffee."""
    w, h = 170, 150
    ring = np.clip(disc(w, h, 128, 78, 34) - disc(w, h, 128, 78, 20), 0, 1)
    cup = outline(w, h, [(26, 28), (112, 28), (114, 80), (98, 132), (40, 132), (24, 80)])
    saucer = outline(w, h, [(6, 132), (70, 126), (134, 132), (112, 146), (28, 146)])
    whole = over(felt(saucer, rgb("b8442e"), 8, 61), felt(ring, rgb("c9543a"), 8, 62))
    whole = over(whole, felt(cup, rgb("d35f43"), 36, 63))
    rim = np.clip(1 - np.abs(np.hypot((np.arange(w)[None] - 69) / 42, (np.arange(h)[:, None] - 30) / 9.5)), 0, 1)
    whole = over(whole, flat(np.clip(rim * 16, 0, 1).astype(np.float32), "f1e4cf"))
    return over(whole, flat(np.clip((rim - 0.14) * 16, 0, 1).astype(np.float32), "6b3a20"))


def books() -> np.ndarray:
    """330 x 190: three books lying, the ground at row 188."""
    w, h = 330, 190
    whole = np.zeros((h, w, 4), np.float32)
    for left, right, top, bottom, code, seed in (
        (10, 318, 130, 188, "2f6b6a", 1),
        (34, 300, 78, 129, "d99a3a", 2),
        (22, 270, 32, 77, "7d3a4c", 3),
    ):
        cover = polygon(w, h, [(left, top), (right, top), (right, bottom), (left, bottom)])
        pages = polygon(
            w, h, [(right - 34, top + 9), (right + 1, top + 9), (right + 1, bottom - 9), (right - 34, bottom - 9)]
        )
        whole = over(whole, felt(cover, rgb(code), 12, 70 + seed))
        whole = over(whole, felt(pages * cover, rgb("eee2c8"), 4, 80 + seed, grain=0))
        band = polygon(w, h, [(left + 40, top), (left + 52, top), (left + 52, bottom), (left + 40, bottom)])
        whole = over(whole, flat(0.6 * band, "f0d9a0"))
    return whole


def desk_lamp() -> np.ndarray:
    """300 x 430, its shade opening to lower left at (70, 150), the ground at row 426."""
    w, h = 300, 430
    foot = outline(w, h, [(150, 402), (220, 392), (290, 402), (278, 426), (162, 426)])
    lower = polygon(w, h, [(212, 404), (226, 404), (252, 222), (238, 218)])
    upper = polygon(w, h, [(236, 226), (250, 214), (136, 74), (124, 86)])
    shade = outline(w, h, [(150, 44), (168, 84), (128, 170), (18, 122), (96, 52)])
    whole = over(felt(lower, rgb("b98a3e"), 6, 91), felt(upper, rgb("c9994a"), 6, 92))
    whole = over(whole, felt(foot, rgb("2f6b6a"), 14, 93))
    whole = over(whole, felt(disc(w, h, 245, 220, 14), rgb("8d6a30"), 9, 94))
    whole = over(whole, felt(shade, rgb("2f7f7b"), 46, 95))
    bulb = outline(w, h, [(24, 124), (126, 168), (78, 182), (34, 152)])
    return over(whole, flat(bulb, "fff0bf"))


def leaves(seed: int, code: str) -> np.ndarray:
    """420 x 520: a plant near to the lens and out of focus, growing from the lower left corner."""
    w, h = 420, 520
    whole = np.zeros((h, w, 4), np.float32)
    random = np.random.default_rng(seed)
    for angle in (-0.15, 0.2, 0.95, 0.5, 0.75, 0.35):
        length, wide = 330 + 110 * random.random(), 46 + 22 * random.random()
        along, side = np.array([np.sin(angle), -np.cos(angle)]), np.array([np.cos(angle), np.sin(angle)])
        root = np.array([30.0, 500.0])
        tips = [(0.1, -0.2), (0.45, -1), (0.8, -0.6), (1.0, 0), (0.78, 0.75), (0.4, 1), (0.1, 0.2)]
        leaf = outline(w, h, [tuple(root + along * length * a + side * wide * b) for a, b in tips])
        whole = over(whole, felt(leaf, rgb(code) * (0.75 + 0.4 * random.random()), 30, int(random.integers(99))))
    return cv2.GaussianBlur(whole, (0, 0), 5)


def lamp_post() -> np.ndarray:
    """170 x 900, the ground at its last row; soft, for it stands near to the lens."""
    w, h = 170, 900
    pole = polygon(w, h, [(72, 150), (98, 150), (104, 899), (66, 899)])
    foot = polygon(w, h, [(60, 720), (110, 720), (124, 899), (46, 899)])
    cap = polygon(w, h, [(30, 46), (85, 6), (140, 46)])
    lantern = polygon(w, h, [(38, 50), (132, 50), (110, 152), (60, 152)])
    whole = over(felt(pole, rgb("24413f"), 14, 101), felt(foot, rgb("2b4d4a"), 24, 102))
    whole = over(over(whole, felt(lantern, rgb("f0d38a"), 30, 103)), felt(cap, rgb("24413f"), 16, 104))
    return cv2.GaussianBlur(whole, (0, 0), 2.2)


def tree(seed: int, crown: str) -> np.ndarray:
    """460 x 560, the ground at its last row."""
    w, h = 460, 560
    random = np.random.default_rng(seed)
    trunk = outline(w, h, [(212, 558), (222, 400), (208, 300), (252, 300), (242, 400), (254, 558)])
    whole = felt(trunk, rgb("6b4630"), 20, seed, grain=0.35)
    for _ in range(15):
        angle, reach = 2 * np.pi * random.random(), 118 * random.random() ** 0.5
        x, y = 230 + 1.15 * reach * np.cos(angle), 200 + reach * np.sin(angle)
        shade = 0.72 + 0.5 * (1 - y / 330) + 0.1 * random.random()
        ball = disc(w, h, x, y, 58 + 22 * random.random())
        whole = over(whole, felt(ball, rgb(crown) * shade, 50, seed + 1, grain=0.5))
    return whole


def horse(code: str = "8a5233") -> np.ndarray:
    """The silhouette of the photograph `horse` as a felt toy: 400 x 328, hoofs at row 320."""
    mask = 1 - (photo("horse")[..., 0] > 0.002).astype(np.float32)
    mask = cv2.GaussianBlur(mask, (0, 0), 1.2)
    toy = felt(np.clip((mask - 0.5) * 2 + 0.5, 0, 1), rgb(code), 34, 111, grain=0.3)
    mane = outline(400, 328, [(330, 34), (300, 62), (268, 92), (262, 112), (286, 104), (322, 66), (338, 44)])
    return over(toy, felt(mane, rgb("3f2418"), 10, 112, grain=0.5))


def balloon() -> np.ndarray:
    """420 x 640: a striped hot-air balloon and its basket; hung at (210, 240)."""
    w, h = 420, 640
    rows, columns = np.mgrid[:h, :w].astype(np.float32)
    skin = outline(
        w, h, [(210, 14), (330, 62), (388, 190), (350, 320), (250, 446), (170, 446), (70, 320), (32, 190), (90, 62)]
    )
    wide = np.interp(rows[:, 0], [14, 62, 190, 320, 446], [60, 140, 180, 142, 44])[:, None]
    gore = np.arcsin(np.clip((columns - 210) / wide, -1, 1)) / np.pi * 9 + 0.5
    colours = np.stack([rgb("d8553c"), rgb("f3e3c0"), rgb("2f8a86"), rgb("f3c14b")])
    cloth = colours[np.floor(gore).astype(int) % 4] * (1 - 0.35 * (2 * np.abs(gore % 1 - 0.5))[..., None] ** 4)
    cloth[(rows > 232) & (rows < 252)] = rgb("7d3a4c")
    whole = np.zeros((h, w, 4), np.float32)
    for a, b in ((176, 186), (244, 234), (200, 198), (220, 222)):
        whole = over(whole, flat(polygon(w, h, [(a, 440), (a + 3, 440), (b + 2, 560), (b - 1, 560)]), "5a4630"))
    whole = over(whole, felt(skin, cloth, 165, 121))
    basket = outline(w, h, [(176, 556), (244, 556), (238, 622), (182, 622)])
    weave = rgb("a8743c") * (0.8 + 0.3 * ((columns // 8 + rows // 8) % 2))[..., None]
    return over(whole, felt(basket, weave, 22, 122))


def windmill() -> np.ndarray:
    """300 x 640: the tower; its axle is at (150, 150), the ground at its last row."""
    w, h = 300, 640
    stones = toned(cv2.resize(photo("brick"), (w, h)), "b9a283", "f2e6cd", 0.2, 0.8)
    tower = polygon(w, h, [(104, 150), (196, 150), (262, 639), (38, 639)])
    cap = outline(w, h, [(88, 152), (100, 92), (150, 66), (200, 92), (212, 152), (150, 164)])
    whole = over(felt(tower, stones, 100, 131, grain=0), felt(cap, rgb("8c3b34"), 46, 132, grain=0.3))
    door = outline(w, h, [(122, 638), (122, 560), (150, 532), (178, 560), (178, 638)])
    whole = over(whole, felt(door, rgb("2f6b6a"), 12, 133))
    for x, y in ((150, 300), (150, 430)):
        window = polygon(w, h, [(x - 20, y - 28), (x + 20, y - 28), (x + 20, y + 28), (x - 20, y + 28)])
        whole = over(whole, felt(window, rgb("4b5c73"), 5, 134))
    return whole


def sails() -> np.ndarray:
    """560 x 560: four sails about (280, 280)."""
    size = 560
    lattice = np.zeros((size, size, 4), np.float32)
    arm = polygon(size, size, [(274, 280), (286, 280), (284, 6), (276, 6)])
    cloth = polygon(size, size, [(286, 232), (344, 224), (352, 14), (286, 14)])
    stripes = np.where((np.arange(size) // 26 % 2)[:, None, None] == 0, rgb("f0e2c4"), rgb("dcb98a"))
    stripes = np.broadcast_to(stripes, (size, size, 3)).astype(np.float32)
    one = over(felt(cloth, stripes, 8, 141, grain=0.3), felt(arm, rgb("6b4630"), 5, 142))
    for turn in range(4):
        lattice = over(lattice, np.rot90(one, turn))
    return over(lattice, felt(disc(size, size, 280, 280, 22), rgb("6b4630"), 14, 143))


def planet(size: int = 700) -> np.ndarray:
    """A red world: the photograph of a retina as the skin of a ball lit from upper left."""
    skin = cv2.resize(photo("retina")[60:-60, 60:-60], (size, size), interpolation=cv2.INTER_AREA)
    c, r = (size - 1) / 2, size / 2 - 4
    y, x = (np.mgrid[:size, :size].astype(np.float32) - c) / r
    z = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    lit = np.clip(-0.62 * x - 0.52 * y + 0.58 * z, 0, 1)[..., None]
    colour = (0.08 + 1.15 * lit) * np.clip(0.25 + 0.85 * skin, 0, 1) * np.float32([1, 0.94, 0.92])
    rim = np.clip(1 - z, 0, 1)[..., None] ** 3 * lit * rgb("ffb27a")
    return opaque(np.clip(colour + rim, 0, 1), disc(size, size, c, c, r))


def rocks(seed: int) -> np.ndarray:
    """520 x 220: boulders of the moon near to the lens, the ground at row 210."""
    w, h = 520, 220
    stone = toned(cv2.resize(photo("gravel")[:200, :480], (w, h)), "4b4a5c", "a7a2a8")
    whole = np.zeros((h, w, 4), np.float32)
    random = np.random.default_rng(seed)
    for x, radius in ((110, 92), (400, 70), (250, 124)):
        spokes = np.linspace(0, 2 * np.pi, 9, endpoint=False)
        reach = radius * (0.8 + 0.35 * random.random(9))
        shape = [
            (x + 1.2 * b * np.cos(a), 216 + min(0.1, float(np.sin(a))) * b) for a, b in zip(spokes, reach, strict=True)
        ]
        whole = over(whole, felt(outline(w, h, shape), stone, 60, seed + x))
    return cv2.GaussianBlur(whole, (0, 0), 2)


def contact(width: int, height: int, strength: float = 0.55) -> np.ndarray:
    """(height, width, 4): the soft dark oval below a thing that stands."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    r = np.hypot((columns - width / 2) / (width * 0.33), (rows - height / 2) / (height * 0.28))
    return shadow(np.clip((1 - r) * 8, 0, 1), min(width, height) / 12, strength)


def clouds(width: int, height: int, seed: int, code: str, cover: float = 0.52) -> np.ndarray:
    """Banks of soft cloud, RGBA: thickest in the middle rows, open towards the edges."""
    thick = noise(width, height, width / 4, seed, 5) - cover
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    alpha = np.clip(thick * 5, 0, 1) * np.clip(1.3 - 1.3 * np.abs(rows), 0, 1)
    shade = np.clip(1.02 - 0.30 * np.clip(np.roll(thick, -height // 16, 0) * 4, 0, 1), 0, 1)
    return opaque(rgb(code) * shade[..., None], alpha * 0.92)
