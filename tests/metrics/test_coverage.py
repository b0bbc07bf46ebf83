"""Greedy choice of views, against the slow obvious way over plain masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v2v_studio.metrics.coverage import greedy, packed, pixels_in, unseen_from

FRAMES = (10, 12, 14, 16, 18)  # those that masks are of
SHAPE = (3, 5)  # fifteen pixels: one bit of the second byte is left over


def bits(masks):
    """(T, H, W) bool -> (T, B)."""
    return np.stack([packed(mask) for mask in masks])


def packed_views(views):
    return {frame: bits(masks) for frame, masks in views.items()}


def unseen_slowly(views, chosen):
    """(T, H, W): of each frame what neither the nearest chosen view up to it nor the nearest one from it on shows."""
    unseen = np.ones((len(FRAMES), *SHAPE), bool)
    for row, frame in enumerate(FRAMES):
        if earlier := [view for view in chosen if view <= frame]:
            unseen[row] &= ~views[max(earlier)][row]
        if later := [view for view in chosen if view >= frame]:
            unseen[row] &= ~views[min(later)][row]
    return unseen


masks = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).random((len(FRAMES), *SHAPE)) < 0.3)
several_views = st.dictionaries(st.integers(10, 18), masks, max_size=6)  # between the frames too


@settings(deadline=None)
@given(views=several_views, data=st.data())
def test_unseen_is_what_the_nearest_views_on_either_side_do_not_show(views, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(views)))) if views else set()
    assert np.array_equal(unseen_from(packed_views(views), chosen, FRAMES, 15), bits(unseen_slowly(views, chosen)))


@settings(deadline=None)
@given(views=several_views, count=st.integers(1, 4), data=st.data())
def test_greedy_takes_what_adds_most_at_every_turn(views, count, data):
    now = data.draw(st.sets(st.sampled_from(sorted(views)))) if views else set()
    chosen, expected = set(now), []
    while len(expected) < count and views.keys() - chosen:
        left = {view: unseen_slowly(views, {*chosen, view}).sum() for view in sorted(views.keys() - chosen)}
        best = min(left, key=left.get)
        if left[best] >= unseen_slowly(views, chosen).sum():
            break
        chosen.add(best)
        expected.append((best, unseen_slowly(views, chosen).sum(axis=(1, 2)).tolist()))
    choices = greedy(packed_views(views), now, count, FRAMES, 15)
    assert [(choice.frame, choice.unseen.tolist()) for choice in choices] == expected


def test_two_halves_are_chosen_before_a_stripe_across_both():
    left, right, stripe = np.zeros((3, 1, 4, 10), bool)
    left[..., :6], right[..., 6:], stripe[..., 1, :] = True, True, True
    views = packed_views({4: stripe, 3: left, 6: right})  # masks of frame 5
    choices = greedy(views, (), 3, [5], 40)
    assert [(choice.frame, int(choice.unseen.sum())) for choice in choices] == [(3, 16), (6, 0)]


def test_of_two_equal_views_the_earlier_is_chosen():
    view = bits(np.eye(4, dtype=bool)[None])
    assert [choice.frame for choice in greedy({7: view, 3: view}, (), 2, [5], 16)] == [3]


def test_a_view_does_not_help_beyond_the_next_one():
    everything, nothing = np.ones((3, 2, 2), bool), np.zeros((3, 2, 2), bool)
    views = packed_views({0: everything, 1: nothing})
    assert pixels_in(unseen_from(views, {0}, [0, 1, 2], 4)).tolist() == [0, 0, 0]
    assert pixels_in(unseen_from(views, {0, 1}, [0, 1, 2], 4)).tolist() == [0, 4, 4]
    assert greedy(views, {0}, 1, [0, 1, 2], 4) == []


@pytest.mark.parametrize("pixels", [1, 7, 8, 9, 57600])
def test_bits_behind_the_last_pixel_are_never_counted(pixels):
    assert pixels_in(unseen_from({}, (), [0, 1], pixels)).tolist() == [pixels, pixels]
