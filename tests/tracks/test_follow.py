"""A drawn box followed over made-up footage, where the truth is known."""

import cv2
import numpy as np
import pytest

from v2v_studio.tracks.follow import BoxPass, Followed, present

H, W = 120, 200


def noise(height, width, seed, grain=2.0):
    drawn = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    drawn = cv2.GaussianBlur(drawn, (0, 0), grain)
    return (drawn - drawn.min()) / np.ptp(drawn)


GROUND = noise(H, W, 1) * [0.2, 0.5, 0.2]
DISC = noise(60, 60, 2) * 0.5 + [0.5, 0.2, 0.1]


def scene(x, y, side=36, post=None):
    """(3, H, W): a disc around (x, y) on the ground; behind a post at column `post`, if there is one."""
    frame = GROUND.astype(np.float32).copy()
    way = np.array([[side / 60, 0, x - side / 2], [0, side / 60, y - side / 2]])
    disc = cv2.warpAffine(DISC.astype(np.float32), way, (W, H), borderMode=cv2.BORDER_REPLICATE)
    yy, xx = np.mgrid[:H, :W]
    frame = np.where((np.hypot(xx + 0.5 - x, yy + 0.5 - y) < side / 2)[..., None], disc, frame)
    if post is not None:
        frame[:, post : post + 14] = [0.1, 0.1, 0.6]
    return np.ascontiguousarray(frame.transpose(2, 0, 1), np.float32)


def around(x, y, side=36):
    return x - side / 2, y - side / 2, x + side / 2, y + side / 2


def iou(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = np.prod(np.maximum(high - low, 0))
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return common / (area - common)


def followed(frames, box):
    return list(BoxPass(frames[0], box).steps(frames[0], frames[1:]))


def test_an_object_that_moves_is_followed():
    places = [(40 + 8 * t, 50 + 3 * t) for t in range(10)]
    found = followed([scene(*place) for place in places], around(*places[0]))
    assert [one.index for one in found] == list(range(1, 10))
    assert (
        min(iou(np.array(one.box), np.array(around(*place))) for one, place in zip(found, places[1:], strict=True))
        > 0.85
    )
    assert min(one.seen for one in found) > 0.5


def test_an_object_that_comes_nearer_grows():
    sides = [30 * 1.06**t for t in range(10)]
    found = followed([scene(100, 60, side) for side in sides], around(100, 60, sides[0]))
    width = found[-1].box[2] - found[-1].box[0]
    assert width == pytest.approx(sides[-1], rel=0.12)


def test_an_object_that_leaves_the_picture_is_no_longer_there():
    places = [(150 + 12 * t, 60) for t in range(9)]
    found = followed([scene(*place) for place in places], around(*places[0]))
    there = present(found, (W, H))
    assert there[0] and not there[-1]


def test_a_post_that_an_object_passes_behind_does_not_hold_it():
    places = [(40 + 4 * t, 60) for t in range(24)]
    found = followed([scene(*place, side=56, post=95) for place in places], around(*places[0], side=56))
    assert min(one.seen for one in found) < 0.75  # a part of it was hidden
    assert iou(np.array(found[-1].box), np.array(around(*places[-1], side=56))) > 0.75


def test_the_same_box_is_followed_to_the_same_bytes():
    frames = [scene(40 + 8 * t, 50) for t in range(4)]
    assert followed(frames, around(40, 50)) == followed(frames, around(40, 50))


def hidden(*seen, box=(10, 10, 20, 20)):
    return [Followed(index, box, share) for index, share in enumerate(seen)]


def test_what_is_hidden_for_a_moment_is_still_there():
    assert present(hidden(1, *[0] * 12, 1), (W, H)) == [True] * 14


def test_what_is_hidden_for_long_is_not_there_meanwhile():
    assert present(hidden(1, *[0] * 13, 1), (W, H)) == [True, *[False] * 13, True]


def test_what_is_hidden_while_most_of_it_is_outside_is_not_there():
    assert present(hidden(1, 0, box=(-12, 10, 8, 30)), (W, H)) == [True, False]


@pytest.mark.parametrize("box", [(-9, 5, 0, 20), (5, -9, 20, 0), (W, 5, W + 9, 20), (5, H, 20, H + 9)])
def test_what_is_outside_the_picture_is_not_there(box):
    assert present([Followed(1, box, 1.0)], (W, H)) == [False]
