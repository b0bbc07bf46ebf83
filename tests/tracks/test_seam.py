"""A remade range is entered and left in equal steps, from a picture that wavers less than the parent's own."""

import numpy as np
import pytest

from v2v_studio.tracks.seam import seams, steadied
from v2v_studio.tracks.table import set_up
from v2v_studio.types import Anchor

TAKE = (0, 40)
SETUP = set_up("restyle", {"quality": "draft"}, 0)


@pytest.fixture(scope="module")
def pan():
    """Four frames of a textured picture that moves two pixels to the right a frame."""
    rng = np.random.default_rng(1)
    wide = rng.random((3, 48, 96)).astype(np.float32)
    wide = (wide + np.roll(wide, 1, 1) + np.roll(wide, 1, 2) + np.roll(wide, (1, 1), (1, 2))) / 4
    return [np.ascontiguousarray(wide[:, :, 20 - 2 * t : 84 - 2 * t]) for t in range(4)]


@pytest.mark.parametrize(
    ("wanted", "frames"),
    [
        ((10, 20), ([10, 11, 12, 13], [19, 18, 17, 16])),
        ((10, 18), ([10, 11, 12], [17, 16, 15])),
        ((10, 13), ([10], [12])),
        ((10, 11), ([], [])),
        ((0, 10), ([9, 8, 7, 6],)),
        ((37, 40), ([37, 38],)),
        ((0, 40), ()),
    ],
)
def test_at_most_four_frames_of_an_end_are_faded_and_one_frame_is_always_wholly_new(wanted, frames):
    assert tuple(list(seam.frames) for seam in seams(wanted, TAKE)) == frames


def test_the_way_from_the_parent_goes_in_equal_steps():
    entering, leaving = seams((10, 20), TAKE)
    assert [entering.along(frame) for frame in range(9, 15)] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert [leaving.along(frame) for frame in range(15, 21)] == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0])


@pytest.mark.parametrize(("brighter", "left"), [(0.02, 0.01), (0.3, 0)])
def test_the_kept_frame_is_brought_with_the_footage_by_half_and_wholly_where_the_two_are_apart(pan, brighter, left):
    inner = np.s_[:, 10:-10, 14:-10]
    own = [frame / 2 + np.float32(brighter) for frame in pan[1:]]
    sides = list(steadied(SETUP, Anchor(pan[0], pan[0] / 2), pan[1:], own))
    for side, frame in zip(sides, pan[1:], strict=True):
        off = np.abs(side - frame / 2 - left)[inner].mean()
        assert off < 0.005  # visibility is not quite 1, motion not quite 2 pixels


def test_what_wavers_in_both_wavers_half_as_much(pan):
    noise = np.random.default_rng(2).normal(0, 0.05, (4, *pan[0].shape)).astype(np.float32)
    parent = [frame + wavering for frame, wavering in zip(pan, noise, strict=True)]
    sides = list(steadied(SETUP, Anchor(pan[0], parent[0]), pan[1:], parent[1:]))
    inner = np.s_[:, 10:-10, 14:-10]
    before = [np.square(own - frame)[inner].mean() for own, frame in zip(parent[1:], pan[1:], strict=True)]
    after = [np.square(side - frame)[inner].mean() for side, frame in zip(sides, pan[1:], strict=True)]
    assert np.mean(after) < 0.6 * np.mean(before)  # a half, were the motion and the visibility perfect


def test_where_the_light_changed_the_parents_own_frame_stands(pan):
    lit = [pan[0] * 0.5, *(frame * 0.5 + 0.4 for frame in pan[1:])]
    own = [frame[::-1].copy() for frame in lit]
    for side, frame in zip(steadied(SETUP, Anchor(lit[0], own[0]), lit[1:], own[1:]), own[1:], strict=True):
        assert np.array_equal(side, frame)
