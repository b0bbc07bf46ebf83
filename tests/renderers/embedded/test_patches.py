"""The compiled loops against the same thing written plainly."""

import numpy as np

from v2v_studio.renderers.embedded.patches import CHANNELS, PARTS, REACH, difference, sweep, vote

RNG = np.random.default_rng(0)


def picture(height, width):
    return RNG.uniform(0, 255 * PARTS, (height, width, CHANNELS)).astype(np.int16)


def flat(image):
    return np.ascontiguousarray(image.reshape(len(image), -1))


def patch(image, x, y):
    return image[y - REACH : y + REACH + 1, x - REACH : x + REACH + 1]


def energy(a, b):
    return np.square((a.astype(np.float64) - b) / PARTS).sum()


def test_the_difference_is_the_sum_of_squares():
    a, b = picture(9, 11), picture(12, 10)
    truth = energy(patch(a, 4, 5), patch(b, 7, 3))
    assert np.isclose(difference(flat(a), flat(b), 4, 5, 7, 3, np.float32(np.inf)), truth, rtol=1e-5)


def test_the_difference_gives_up_over_its_limit():
    a, b = picture(9, 11), picture(9, 11)
    whole = energy(patch(a, 4, 4), patch(b, 4, 4))
    assert 10 <= difference(flat(a), flat(b), 4, 4, 4, 4, np.float32(10)) < whole


def searched(target, key, match, price=None, rounds=6):
    height, width = target.shape[:2]
    band = np.ones((height, width), bool)
    none = np.zeros((height, width), np.float32)
    price = np.zeros(key.shape[:2], np.float32) if price is None else price
    place = match.astype(np.float32)
    for i in range(rounds):
        sweep(flat(target), flat(key), match, place, none, none + 1, price, band, i % 2 == 0, 20.0, 4, i)
    return match[REACH:-REACH, REACH:-REACH]


def everywhere(x, y, height, width):
    return np.tile(np.int32([x, y]), (height, width, 1))


def test_a_shifted_picture_is_found_exactly():
    key = picture(30, 40)
    target = key[5:25, 7:31]
    found = searched(target, key, everywhere(20, 15, 20, 24))
    rows, columns = np.mgrid[REACH : 20 - REACH, REACH : 24 - REACH]
    assert np.array_equal(found[..., 0], columns + 7)
    assert np.array_equal(found[..., 1], rows + 5)


def test_a_price_drives_matches_away():
    key = picture(30, 40)
    price = np.zeros((30, 40), np.float32)
    price[:, :20] = 1e9
    found = searched(key.copy(), key, everywhere(30, 15, 30, 40), price)
    assert (found[..., 0] >= 20).all()


def test_a_search_never_makes_a_match_worse():
    target, key = picture(16, 18), picture(20, 22)
    start = everywhere(10, 9, 16, 18)
    found = searched(target, key, start.copy(), rounds=1)
    for y, x in ((3, 3), (8, 9), (12, 14)):
        u, v = found[y - REACH, x - REACH]
        assert energy(patch(target, x, y), patch(key, u, v)) <= energy(patch(target, x, y), patch(key, 10, 9))


def slow_vote(match, key, height, width):
    total, count = np.zeros((height, width, 3)), np.zeros((height, width, 1))
    for y in range(REACH, height - REACH):
        for x in range(REACH, width - REACH):
            u, v = match[y, x]
            patch(total, x, y)[:] += patch(key, u, v)
            patch(count, x, y)[:] += 1
    return total / count


def test_the_vote_is_the_mean_of_overlapping_patches():
    key = RNG.uniform(0, 255, (14, 15, 3)).astype(np.float32)
    match = np.dstack([RNG.integers(2, 13, (9, 11)), RNG.integers(2, 12, (9, 11))]).astype(np.int32)
    out = np.zeros((9, 11, 3), np.float32)
    every = np.ones((9, 11), bool)
    vote(match, flat(key), every, every, out)
    assert np.allclose(out, slow_vote(match, key, 9, 11), atol=1e-3)  # float32 sums of 25 values up to 255


def test_the_vote_leaves_what_is_outside_the_band():
    out = np.full((9, 11, 3), 5, np.float32)
    nowhere = np.zeros((9, 11), bool)
    vote(everywhere(4, 4, 9, 11), np.zeros((9, 33), np.float32), nowhere, ~nowhere, out)
    assert (out == 5).all()
