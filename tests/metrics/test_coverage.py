"""Greedy choice of views, against the slow obvious way over plain masks."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v2v_studio.metrics.coverage import greedy, packed, pixels_in, unseen_from

FRAMES = 2
SHAPE = (3, 5)  # fifteen pixels: one bit of the second byte is left over


def bits(masks):
    """(T, H, W) bool -> (T, B)."""
    return np.stack([packed(mask) for mask in masks])


masks = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).random((FRAMES, *SHAPE)) < 0.3)


@settings(deadline=None)
@given(unseen=masks, views=st.lists(masks, max_size=6), count=st.integers(1, 4))
def test_greedy_takes_what_adds_most_at_every_turn(unseen, views, count):
    rest, expected = unseen.copy(), []
    while len(expected) < count and views:
        gains = [(rest & view).sum() for view in views]
        if max(gains) == 0:
            break
        best = gains.index(max(gains))
        rest = rest & ~views[best]
        expected.append((best, rest.sum(axis=(1, 2)).tolist()))
    choices = greedy(bits(unseen), [bits(view) for view in views], count)
    assert [(choice.index, choice.unseen.tolist()) for choice in choices] == expected


@settings(deadline=None)
@given(unseen=masks, views=st.lists(masks, min_size=3, max_size=6))
def test_three_greedy_views_show_at_least_63_percent_of_what_the_best_three_would(unseen, views):
    best = max((unseen & np.logical_or.reduce(three)).sum() for three in combinations(views, 3))
    choices = greedy(bits(unseen), [bits(view) for view in views], 3)
    left = choices[-1].unseen.sum() if choices else unseen.sum()
    assert unseen.sum() - left >= (1 - 1 / np.e) * best


@settings(deadline=None)
@given(views=st.lists(masks, max_size=3))
def test_unseen_is_what_no_view_shows(views):
    seen = np.logical_or.reduce(views) if views else np.zeros((FRAMES, *SHAPE), bool)
    assert np.array_equal(unseen_from([bits(view) for view in views], FRAMES, 15), bits(~seen))


def test_two_halves_are_chosen_before_a_stripe_across_both():
    left, right, stripe = np.zeros((3, 1, 4, 10), bool)
    left[..., :6], right[..., 6:], stripe[..., 1, :] = True, True, True
    choices = greedy(bits(np.ones((1, 4, 10), bool)), [bits(view) for view in (stripe, left, right)], 3)
    assert [(choice.index, int(choice.unseen.sum())) for choice in choices] == [(1, 16), (2, 0)]


def test_of_two_equal_views_the_first_is_chosen():
    view = bits(np.eye(4, dtype=bool)[None])
    assert [choice.index for choice in greedy(view, [view, view], 2)] == [0]


@pytest.mark.parametrize("pixels", [1, 7, 8, 9, 57600])
def test_bits_behind_the_last_pixel_are_never_counted(pixels):
    assert pixels_in(unseen_from([], 2, pixels)).tolist() == [pixels, pixels]
