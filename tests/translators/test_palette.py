"""Palettes moved and compared, against colours one can name."""

import cv2
import numpy as np
import pytest

from v2v_studio.translators.palette import (
    GAIN,
    from_lab,
    matched,
    palette_distance,
    quantiles,
    rising,
    sample,
    sliced_transport,
    to_lab,
)

RED, BLUE, GREY = (0.8, 0.2, 0.2), (0.2, 0.3, 0.8), (0.5, 0.5, 0.5)


def plain(colour, h=20, w=30):
    return np.broadcast_to(np.array(colour, np.float32)[:, None, None], (3, h, w)).copy()


def cloud(middle, spread, seed, count=3000):
    return (np.array(middle) + np.array(spread) * np.random.default_rng(seed).normal(size=(count, 3))).astype(
        np.float32
    )


def noisy(colour, spread, seed=0):
    """A picture whose Lab values are a cloud about a colour."""
    return from_lab(cloud(to_lab(plain(colour))[0, 0], spread, seed, 60 * 80).reshape(60, 80, 3))


def test_lab_and_back_is_the_same_picture():
    picture = np.random.default_rng(0).random((3, 9, 11), dtype=np.float32)
    # OpenCV's float Lab rounds in its tables
    assert np.allclose(from_lab(to_lab(picture)), picture, atol=4e-3)


def test_picture_is_no_distance_from_itself():
    assert palette_distance(noisy(RED, 5), noisy(RED, 5)) == 0


def test_distance_of_two_plain_pictures_is_that_of_their_colours():
    apart = np.linalg.norm(to_lab(plain(RED))[0, 0] - to_lab(plain(BLUE))[0, 0])
    assert palette_distance(plain(RED), plain(BLUE, 50, 8)) == pytest.approx(apart, rel=1e-5)


def test_distance_is_the_same_both_ways():
    assert palette_distance(noisy(RED, 4), noisy(BLUE, 9)) == palette_distance(noisy(BLUE, 9), noisy(RED, 4))


def test_place_of_colours_in_a_picture_does_not_count():
    picture = noisy(RED, 6)
    assert palette_distance(picture, picture[:, ::-1, ::-1].copy()) < 0.2  # mirrored, the grid takes other pixels


def test_sample_covers_a_picture_evenly():
    y, x = np.indices((480, 640), dtype=np.float32)
    taken = sample(np.dstack([y, x]))
    assert len(taken) <= 4096
    assert np.allclose(taken.mean(0), [239.5, 319.5], atol=1)


def test_colour_without_weight_has_no_say():
    values = np.array([1.0, 2, 3, 100])
    assert np.array_equal(quantiles(values, np.array([1.0, 1, 1, 0]))[:-1], quantiles(values[:3])[:-1])


def test_double_weight_is_the_same_as_twice_the_colour():
    values = np.arange(400.0)
    weights = np.tile([1.0, 2.0], 200)
    # two copies lie half a step apart where one of double weight lies in their middle
    assert np.allclose(quantiles(values, weights), quantiles(np.repeat(values, weights.astype(int))), atol=1)


def test_rising_keeps_to_its_bounds():
    own, goal = np.linspace(0, 10, 33), np.linspace(0, 100, 33)
    assert np.allclose(np.diff(rising(own, goal, 0.5, 2)) / np.diff(own), 2)
    assert rising(own, goal, 0.5, 2).mean() == pytest.approx(50)
    assert np.allclose(rising(own, own, 0.5, 2), own)


def test_transport_of_a_shifted_palette_is_the_shift():
    colours = cloud((50, 10, -20), (10, 6, 8), 0)
    shift, even = np.array([5, -8, 12], np.float32), np.ones(3000)
    moved = sliced_transport(colours, even, colours + shift, even, seed=0)(colours)
    # quantiles are 1 delta E wider at either end by design, and every step may bring that
    assert np.abs(moved - colours - shift).mean() < 1


def test_transport_gives_another_palette():
    colours, goal, even = cloud((50, 10, -20), (10, 6, 8), 0), cloud((70, -5, 30), (5, 12, 9), 1), np.ones(3000)
    moved = sliced_transport(colours, even, goal, even, seed=3)(colours)
    assert np.allclose(moved.mean(0), goal.mean(0), atol=0.5)
    assert np.allclose(np.cov(moved.T), np.cov(goal.T), atol=0.15 * 144)  # of the largest variance


def test_transport_of_one_colour_goes_to_one_colour():
    one, other, even = cloud((50, 10, -20), 0, 0), cloud((70, -5, 30), 0, 0), np.ones(3000)
    moved = sliced_transport(one, even, other, even, seed=0)(one)
    assert np.allclose(moved, other, atol=0.05)


def test_same_seed_gives_the_same_transport():
    colours, goal, even = cloud((50, 10, -20), 8, 0), cloud((70, -5, 30), 5, 1), np.ones(3000)
    first, again = (sliced_transport(colours, even, goal, even, seed=5)(colours) for _ in range(2))
    assert np.array_equal(first, again)


def test_match_in_full_takes_mean_and_covariance():
    picture, model = noisy(GREY, (6, 4, 5)), noisy(RED, (4, 6, 3), seed=1)
    result = to_lab(matched(picture, model, 1, 1)).reshape(-1, 3)
    goal = to_lab(model).reshape(-1, 3)
    assert np.allclose(result.mean(0), goal.mean(0), atol=0.3)  # a sample stands for each picture
    assert np.allclose(np.cov(result.T), np.cov(goal.T), atol=0.1 * 36)


def test_match_of_colour_alone_leaves_the_exposure():
    dark, model = noisy((0.1, 0.1, 0.12), (2, 2, 2)), noisy((0.8, 0.6, 0.5), (4, 4, 4))
    result = to_lab(matched(dark, model, 0, 0.7))
    assert abs(result[..., 0].mean() - to_lab(dark)[..., 0].mean()) < 1  # a little is clipped by the gamut
    assert result[..., 2].mean() > to_lab(dark)[..., 2].mean() + 5


def test_match_by_nothing_is_the_picture():
    picture = noisy(GREY, 5)
    assert np.allclose(matched(picture, noisy(RED, 9), 0, 0), picture, atol=2e-3)


def test_match_stretches_grain_by_no_more_than_its_bound():
    flat, model = noisy(GREY, 0.5), noisy(GREY, 12, seed=1)
    assert to_lab(matched(flat, model, 1, 1))[..., 0].std() <= 1.05 * GAIN * to_lab(flat)[..., 0].std()


def test_match_is_the_same_on_any_number_of_threads():
    before, results = cv2.getNumThreads(), []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            results.append(matched(noisy(GREY, 5), noisy(RED, 9), 0.4, 0.7).tobytes())
    finally:
        cv2.setNumThreads(before)
    assert results[0] == results[1]
