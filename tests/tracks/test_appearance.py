import numpy as np
import pytest

from v2v_studio.tracks.appearance import NEW, RARE, SMOOTH, SURE, Colours, snapped


@pytest.fixture
def red_on_grey():
    """A red square on a grey ground, and its mask."""
    frame = np.full((3, 40, 40), 0.5, np.float32)
    mask = np.zeros((40, 40), np.float32)
    mask[10:30, 10:30] = 1
    frame[:, mask > 0] = np.float32([[0.9], [0.1], [0.1]])
    return frame, mask


def test_a_colour_of_one_side_only_speaks_as_loud_as_any(red_on_grey):
    frame, mask = red_on_grey
    odds = Colours(frame, mask, around=8).odds(frame)
    assert set(np.unique(odds)) == {-SURE, SURE}


def test_a_new_colour_is_rather_outside(red_on_grey):
    odds = Colours(*red_on_grey, around=8).odds(np.zeros((3, 2, 2), np.float32))
    assert odds == pytest.approx(-np.log(NEW), abs=1e-6)


def test_colours_far_from_the_region_do_not_count(red_on_grey):
    frame, mask = red_on_grey
    frame[:, :, 38:] = np.float32([0.1, 0.9, 0.1])[:, None, None]
    green = np.broadcast_to(np.float32([0.1, 0.9, 0.1])[:, None, None], (3, 1, 1))
    assert Colours(frame, mask, around=8).odds(green)[0, 0] == pytest.approx(-np.log(NEW), abs=1e-6)
    assert Colours(frame, mask, around=12).odds(green)[0, 0] == -SURE


def test_a_colour_of_both_sides_is_weighed_by_its_shares(red_on_grey):
    frame, mask = red_on_grey
    frame[:, 10:20, 10:30] = 0.5  # half the region looks like the ground
    grey = np.full((3, 1, 1), 0.5, np.float32)
    share = 0.125  # of a colour that falls to its own bin: a half in each channel
    expected = np.log((0.5 * share + RARE) / (share + NEW * RARE))
    assert Colours(frame, mask, around=8).odds(grey)[0, 0] == pytest.approx(expected, abs=1e-5)


def slow_snapped(mask, frame, radius):
    """He et al. 2013, window by window, for pixels whose windows and those of their neighbours lie inside."""
    h, w = mask.shape
    slopes, levels = np.zeros((h, w, 3)), np.zeros((h, w))
    side = (2 * radius + 1) ** 2
    for y in range(radius, h - radius):
        for x in range(radius, w - radius):
            window = np.s_[y - radius : y + radius + 1, x - radius : x + radius + 1]
            colours = frame[:, *window].reshape(3, side).astype(np.float64)
            values = mask[window].ravel().astype(np.float64)
            covariance = np.cov(colours, bias=True) + SMOOTH * np.eye(3)
            slopes[y, x] = np.linalg.solve(covariance, colours @ values / side - colours.mean(1) * values.mean())
            levels[y, x] = values.mean() - slopes[y, x] @ colours.mean(1)
    out = np.zeros((h, w))
    for y in range(2 * radius, h - 2 * radius):
        for x in range(2 * radius, w - 2 * radius):
            window = np.s_[y - radius : y + radius + 1, x - radius : x + radius + 1]
            out[y, x] = slopes[window].mean((0, 1)) @ frame[:, y, x] + levels[window].mean()
    return out


def test_the_guided_filter_is_the_one_of_the_paper():
    rng = np.random.default_rng(0)
    frame, mask = rng.random((3, 20, 22), np.float32), rng.random((20, 22), np.float32)
    inner = np.s_[4:-4, 4:-4]
    fast = snapped(mask, frame, radius=2, every=1)
    assert fast[inner] == pytest.approx(slow_snapped(mask, frame, 2)[inner], abs=1e-4)  # float32 variances


def test_a_mask_that_missed_the_edge_is_drawn_to_it(red_on_grey):
    frame, mask = red_on_grey
    late = np.roll(mask, 2, 1)
    before = np.abs(late - mask).sum()
    after = np.abs((snapped(late, frame, radius=4, every=1) > 0.5) - mask).sum()
    assert after < before / 2  # what is left is at the corners, which windows round off
