"""Hypotheses compared by their cost."""

import numpy as np

from v2v_studio.flow.features import chroma_axis, features
from v2v_studio.flow.match import WORST, Contest, Match, match, matching_cost


def both(frames):
    axis = chroma_axis(frames[0])
    return features(frames[1], axis), features(frames[0], axis)


def field(x, y):
    return np.tile(np.float32([x, y]), (72, 96, 1))


def slow_cost(source, target, dx, dy, y, x):
    """Of whole-pixel displacements, one pixel."""
    if not (-1 <= x + dx <= 96 and -1 <= y + dy <= 72):
        return WORST
    row, column = min(max(y + dy, 0), 71), min(max(x + dx, 0), 95)
    pairs = ((source.colour, target.colour), (source.shape, target.shape))
    gap = sum(np.abs(a[y, x].astype(int) - b[row, column].astype(int)).sum() for a, b in pairs)
    return min(gap, WORST)


def test_cost_agrees_with_a_loop_over_pixels(panning):
    source, target = both(panning(2, 5, 2))
    cost = matching_cost(source, target, field(7, -3))
    assert all(cost[y, x] == slow_cost(source, target, 7, -3, y, x) for y, x in np.ndindex(72, 96))


def test_every_second_pixel_costs_what_it_costs(panning):
    source, target = both(panning(2, 5, 2))
    whole = matching_cost(source, target, field(1, 1))
    assert np.array_equal(matching_cost(source, target, field(1, 1), every=2), whole[::2, ::2])


def test_the_cheaper_hypothesis_wins_where_it_is_cheaper(passing):
    """The square moves by 4, the ground stays."""
    source, target = both(passing(2))
    contest = Contest(source, target, field(0, 0))
    contest.add(field(-4, 0), penalty=0)
    assert (contest.displacement[30:42, 30:42, 0] == -4).all()
    assert (contest.displacement[:, 60:] == 0).all()


def test_a_penalty_keeps_what_is_as_good(panning):
    source, target = both(panning(2, 0))
    contest = Contest(source, target, field(0, 0))
    contest.add(field(0, 0) + np.float32(0.01), penalty=0.5)
    assert not contest.displacement.any()


def test_a_wrong_guess_is_corrected(panning):
    source, target = both(panning(2, 5, 2))
    found = match(source, target, field(3, 0), np.ones((72, 96), np.float32), "fast")
    assert np.abs(found.displacement[12:-12, 12:-12] - np.float32([5, 2])).mean() < 0.1  # sub-pixel noise


def test_parts_of_two_matches_make_one():
    one, two = (Match(field(v, v), np.full((72, 96), v, np.float32)) for v in (1, 2))
    where = np.zeros((72, 96), bool)
    where[:36] = True
    mixed = one.patched(two, where)
    assert (mixed.displacement[:36] == 2).all() and (mixed.displacement[36:] == 1).all()
    assert (mixed.difference[:36] == 2).all() and (mixed.difference[36:] == 1).all()
