"""Small films whose cuts and transitions are known, made of textures that move."""

import cv2
import numpy as np
import pytest

HEIGHT, WIDTH = 72, 128


def film(seed, frames, speed=0.5):
    """(frames, 3, 72, 128): a view that pans over one random picture, `speed` pixels a frame."""
    rng = np.random.default_rng(seed)
    wide = WIDTH + int(abs(speed) * frames) + 2
    layers = [cv2.resize(rng.random((h, max(2, h * wide // HEIGHT), 3)), (wide, HEIGHT)) for h in (4, 12, 48)]
    picture = np.clip(0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2], 0, 1).astype(np.float32)
    shifts = [np.float32([[1, 0, -speed * n], [0, 1, 0]]) for n in range(frames)]
    return np.stack([cv2.warpAffine(picture, m, (WIDTH, HEIGHT)).transpose(2, 0, 1) for m in shifts])


def dissolve(before, after, shares):
    """The last frames of one film mixed with the first of another, one share of `after` a frame."""
    count = len(shares)
    share = np.float32(shares)[:, None, None, None]
    mixed = (1 - share) * before[-count:] + share * after[:count]
    return np.concatenate([before[:-count], mixed, after[count:]])


def fade(frames, gains, ground=0.0):
    """Frames at a gain over black or white, one gain a frame."""
    gain = np.float32(gains)[:, None, None, None]
    return gain * frames + (1 - gain) * np.float32(ground)


@pytest.fixture
def make():
    """The makers above, for tests that cannot import a conftest."""

    class Make:
        pass

    Make.film, Make.dissolve, Make.fade = staticmethod(film), staticmethod(dissolve), staticmethod(fade)
    return Make
