"""The search for what flow has lost."""

import numpy as np

from v2v_studio.flow.features import chroma_axis, features
from v2v_studio.flow.patchmatch import CAP, search


def pair(frames):
    axis = chroma_axis(frames[0])
    return features(frames[1], axis), features(frames[0], axis)


def slow_patch_difference(source, target, y, x, dx, dy):
    """Mean capped feature difference of two whole 7x7 patches, weighted alike."""
    mine = np.concatenate([source.colour, source.shape], 2)[y - 3 : y + 4, x - 3 : x + 4].astype(int)
    other = np.concatenate([target.colour, target.shape], 2)[y + dy - 3 : y + dy + 4, x + dx - 3 : x + dx + 4]
    return np.minimum(np.abs(mine - other).sum(2), CAP).mean()


def test_a_far_shift_is_found_from_nothing(panning):
    source, target = pair(panning(2, 20, 6))
    mask = np.zeros((72, 96), bool)
    mask[16:56, 16:60] = True
    found = search(source, target, np.zeros((72, 96, 2), np.float32), mask, radius=30, sweeps=4)
    away = np.abs(found[mask] - np.float32([20, 6])).max(1)
    assert (away < 2).mean() > 0.9  # offsets are tried to about a pixel


def test_only_masked_pixels_change(panning):
    source, target = pair(panning(2, 20))
    mask = np.zeros((72, 96), bool)
    mask[30:40, 30:50] = True
    found = search(source, target, np.zeros((72, 96, 2), np.float32), mask, radius=30)
    assert not found[~mask].any() and found[mask].any()


def test_what_is_found_is_more_alike(panning):
    source, target = pair(panning(2, 20))
    mask = np.zeros((72, 96), bool)
    mask[30, 40] = True
    start = np.zeros((72, 96, 2), np.float32)
    start[30, 41] = (20, 0)  # one neighbour knows
    dx, dy = np.rint(search(source, target, start, mask, radius=1, sweeps=1)[30, 40]).astype(int)
    assert slow_patch_difference(source, target, 30, 40, dx, dy) < slow_patch_difference(source, target, 30, 40, 0, 0)


def test_nothing_masked_changes_nothing(panning):
    source, target = pair(panning(2, 3))
    start = np.ones((72, 96, 2), np.float32)
    assert np.array_equal(search(source, target, start, np.zeros((72, 96), bool), radius=30), start)


def test_the_same_search_gives_the_same_bytes(panning):
    source, target = pair(panning(2, 20))
    start, mask = np.zeros((72, 96, 2), np.float32), np.ones((72, 96), bool)
    once, again = (search(source, target, start, mask, radius=30).tobytes() for _ in range(2))
    assert once == again
