"""Textured pictures whose motion is known."""

import cv2
import numpy as np
import pytest

from v2v_studio.flow.base import FLOW


@pytest.fixture(scope="session")
def texture():
    """texture(height, width, seed): (3, height, width) RGB in [0, 1], smooth blobs of several sizes."""

    def make(height, width, seed=0):
        rng = np.random.default_rng(seed)
        layers = [
            cv2.resize(rng.random((height // s + 2, width // s + 2, 3), np.float32), (width, height), None, 0, 0, 2)
            for s in (24, 9, 4)
        ]
        return np.clip(sum(layers) / 3, 0, 1).transpose(2, 0, 1).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def panning(texture):
    """panning(count, x, y): (count, 3, 72, 96), a window that moves x, y pixels a frame over a large texture."""

    def make(count, x, y=0, height=72, width=96):
        big = texture(height + 80, width + 120)
        tops, lefts = [40 + y * t for t in range(count)], [60 + x * t for t in range(count)]
        return np.stack([big[:, a : a + height, b : b + width] for a, b in zip(tops, lefts, strict=True)])

    return make


@pytest.fixture(scope="session")
def passing(texture):
    """passing(count): (count, 3, 72, 96), a 24x24 square that moves 4 pixels a frame to the right over a still ground.

    In frame 0 it covers rows 24 to 48 and columns 20 to 44.
    """

    def make(count):
        ground, square = texture(72, 96, 1), texture(24, 24, 2) * np.float32(0.5) + np.float32(0.5)
        frames = np.stack([ground] * count)
        for t, frame in enumerate(frames):
            frame[:, 24:48, 20 + 4 * t : 44 + 4 * t] = square
        return frames

    return make


@pytest.fixture(scope="session")
def raft_weights(tmp_path_factory):
    """A file of weights for RAFT, drawn at random."""
    torch = pytest.importorskip("torch")
    from v2v_studio.flow.raft import untrained

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "raft_small.pth"
    torch.save(untrained().state_dict(), path)
    return path


@pytest.fixture
def estimator(request):
    """estimator(name): the registered flow estimator, a network with weights drawn at random."""

    def make(name):
        return FLOW.load(name)(request.getfixturevalue("raft_weights")) if name == "raft" else FLOW.load(name)()

    return make
