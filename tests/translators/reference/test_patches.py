"""The compiled loops against slow and obvious ones."""

import numpy as np

from v2v_studio.translators.reference.patches import CHANNELS, LIMIT, REACH, difference, lay, search, wear


def picture(h, w, seed):
    values = np.random.default_rng(seed).integers(-300, 300, (h, w, CHANNELS), dtype=np.int16)
    return values, values.reshape(h, w * CHANNELS)


def patch(values, y, x):
    return values[y - REACH : y + REACH + 1, x - REACH : x + REACH + 1].astype(np.int64)


def test_difference_is_the_sum_of_squares():
    (one, flat), (other, flat_other) = picture(9, 8, 0), picture(7, 11, 1)
    expected = ((patch(one, 4, 3) - patch(other, 3, 7)) ** 2).sum()
    assert difference(flat, flat_other, 4, 3, 3, 7, LIMIT) == expected


def test_difference_is_given_up_above_its_bound():
    flat, other = picture(9, 8, 0)[1], picture(9, 8, 1)[1]
    assert 1000 <= difference(flat, other, 4, 3, 4, 3, np.int32(1000)) < difference(flat, other, 4, 3, 4, 3, LIMIT)


def test_search_finds_where_a_cut_out_comes_from():
    values, flat = picture(30, 40, 2)
    cut = np.ascontiguousarray(values[6:22, 9:31]).reshape(16, -1)
    match = np.random.default_rng(0).integers(REACH, 28, (16, 22, 2)).astype(np.int32)
    for sweep in range(6):
        search(cut, flat, match, np.zeros((30, 40), np.int32), sweep, 0)
    y, x = np.mgrid[REACH : 16 - REACH, REACH : 22 - REACH]
    found = match[REACH:-REACH, REACH:-REACH]
    assert np.array_equal(found[..., 0], y + 6)
    assert np.array_equal(found[..., 1], x + 9)


def test_search_keeps_away_from_what_is_dear():
    flat = picture(30, 40, 2)[1]
    price = np.zeros((30, 40), np.int32)
    price[:, 20:] = 2**30
    match = np.full((30, 40, 2), 10, np.int32)
    for sweep in range(2):
        search(flat, flat, match, price, sweep, 0)
    assert match[..., 1].max() < 20


def test_pixel_is_the_weighted_mean_of_the_patches_over_it():
    rng = np.random.default_rng(4)
    style = rng.random((12, 13, 3), dtype=np.float32)
    weights = rng.random((5, 5), dtype=np.float32)
    match = np.dstack([rng.integers(REACH, 10, (9, 10)), rng.integers(REACH, 11, (9, 10))]).astype(np.int32)
    total, mass = np.zeros((9, 10, 3)), np.zeros((9, 10, 1))
    for y in range(REACH, 9 - REACH):
        for x in range(REACH, 10 - REACH):
            v, u = match[y, x]
            for dy in range(-REACH, REACH + 1):
                for dx in range(-REACH, REACH + 1):
                    weight = weights[dy + REACH, dx + REACH]
                    total[y + dy, x + dx] += weight * style[v + dy, u + dx]
                    mass[y + dy, x + dx] += weight
    assert np.allclose(lay(match, style, weights), total / mass, atol=1e-5)  # float32 sums of 25


def test_wear_counts_the_uses_of_a_place():
    match = np.full((6, 7, 2), 3, np.int32)
    count = wear(match, 8, 9)
    assert count[3, 3] == 2 * 3
    assert count.sum() == 6
