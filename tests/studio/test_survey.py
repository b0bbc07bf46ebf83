"""What frames show of each other: against the motion by itself, and on a scene whose visibility is exact."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from v2v_studio.metrics.coverage import packed, pixels_in
from v2v_studio.motion.estimate import Estimate
from v2v_studio.studio.survey import COUNTED, Survey, View, Way, look, spread
from v2v_studio.types import Anchor, Window

HEIGHT, WIDTH, FRAMES = 180, 320, 12
PAN, STEP = 4, 10  # pixels a frame
TOP, SIDE = 50, 80  # of the square


class Held:
    """Frames in memory in the place of a shot's source."""

    def __init__(self, frames):
        self.frames = frames

    def forwards(self, start):
        return iter(self.frames[start:])

    def backwards(self, start):
        return iter(self.frames[start::-1])


def texture(height, width, seed):
    """(3, height, width) in [0, 1]: smooth blobs of three sizes."""
    rng = np.random.default_rng(seed)
    layers = [
        cv2.resize(rng.random((height // s + 2, width // s + 2, 3), np.float32), (width, height), None, 0, 0, 2)
        for s in (24, 9, 4)
    ]
    return np.clip(sum(layers) / 3, 0, 1).transpose(2, 0, 1)


@pytest.fixture(scope="module")
def frames():
    """The camera pans over a wall, 4 px a frame, before which a square of 80 px goes 10 px a frame to the right."""
    wall, square = texture(HEIGHT, WIDTH + PAN * FRAMES, 1), texture(SIDE, SIDE, 2)
    shot = np.stack([wall[:, :, PAN * t : PAN * t + WIDTH] for t in range(FRAMES)])
    for t, frame in enumerate(shot):
        frame[:, TOP : TOP + SIDE, 20 + STEP * t : 20 + STEP * t + SIDE] = square
    return shot


def truly_shows(c, t):
    """(H, W) bool: what frame c of that scene shows of its frame t."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    there = x + PAN * (t - c)  # where this place of the wall is in frame c
    inside = (there >= 0) & (there < WIDTH)
    return on_square(y, x, t) | (inside & ~on_square(y, there, c))


def on_square(y, x, t):
    left = 20 + STEP * t
    return (y >= TOP) & (y < TOP + SIDE) & (x >= left) & (x < left + SIDE)


def follow(frame, direction, picture):
    return View(Estimate().open(Anchor(picture, picture), Estimate.Params(quality="draft")))


def surveyed(frames, size=(WIDTH, HEIGHT), now=(0,)):
    return Survey(Held(frames), range(len(frames)), size, now, follow, 0.25)


@pytest.fixture(scope="module")
def survey(frames):
    """Looked from the first frame, which is painted, the last one and one between."""
    made = surveyed(frames)
    made.look_from([0, 6, FRAMES - 1], silent)
    return made


def silent(seconds):
    """Progress that nobody watches."""


def test_predicted_cover_equals_what_the_motion_from_both_frames_shows(frames, survey):
    """The same footage followed from either frame alone, without survey and bits: not one pixel differs."""
    params = Estimate.Params(quality="draft")
    seen = {}
    for c in (0, 6):
        seen[c] = [None] * FRAMES
        seen[c][c] = np.ones((HEIGHT, WIDTH), bool)
        for order in (range(c, FRAMES), range(c, -1, -1)):
            opened, before = Estimate().open(Anchor(frames[c], frames[c]), params), None
            for index, (past, t) in enumerate(pairwise(order), 1):
                before = opened.motion(Window(index, frames[t][None], frames[past]), before)
                seen[c][t] = before.visible[0, 0] >= 0.5
    unseen_after = [int((~a & ~b).sum()) for a, b in zip(seen[0][:6], seen[6][:6], strict=True)]
    unseen_after += [int((~b).sum()) for b in seen[6][6:]]  # a take is carried there from frame 6 alone
    assert pixels_in(survey.unseen([0])).tolist() == [int((~a).sum()) for a in seen[0]]
    assert pixels_in(survey.unseen([0, 6])).tolist() == unseen_after


def predicted_cover(survey, view):
    """Share of all pixels that a view shows and frame 0 does not."""
    before, after = (pixels_in(survey.unseen(views)).sum() for views in ([0], [0, view]))
    return (before - after) / (len(survey.counted) * survey.pixels)


@pytest.mark.parametrize(("view", "exact"), [(6, 0.097), (FRAMES - 1, 0.12)])
def test_predicted_cover_is_the_exact_one_but_for_a_band_along_silhouettes(survey, view, exact):
    """Frame 0 shows the square's rim too, which the motion does not know: 5 px of it is 2.6 percent of the picture."""
    shown = [truly_shows(view, t) | (truly_shows(0, t) & (t < view)) for t in range(FRAMES)]
    truly = np.mean([s.mean() - truly_shows(0, t).mean() for t, s in enumerate(shown)])
    assert truly == pytest.approx(exact, abs=0.002)
    assert abs(predicted_cover(survey, view) - exact) < 0.016


def test_cover_on_small_frames_is_near_that_at_working_size(frames, survey):
    """Enough to choose what to look from: bands along silhouettes are twice as wide there."""
    small = np.stack([[cv2.resize(plane, (160, 90), None, 0, 0, cv2.INTER_AREA) for plane in f] for f in frames])
    half = surveyed(small, (160, 90))
    half.look_from([0, 6], silent)
    assert abs(predicted_cover(half, 6) - predicted_cover(survey, 6)) < 0.015


def test_a_frame_looked_from_shows_all_of_itself(survey):
    for view in (0, 6, FRAMES - 1):
        assert pixels_in(survey.unseen([view]))[view] == 0


def test_nothing_is_seen_from_nowhere(survey):
    assert pixels_in(survey.unseen([])).tolist() == [HEIGHT * WIDTH] * FRAMES


def test_masks_of_a_long_shot_stay_within_three_megabytes_a_view():
    survey = Survey(Held(None), range(100_000), (320, 320), (), follow, 0)
    assert len(survey.counted) == COUNTED
    assert survey.unseen([]).nbytes <= 3.1e6


def test_a_stream_is_read_once_and_every_chosen_frame_followed_from_where_it_stands(frames):
    way = Way("forward", iter(enumerate(frames[:4])), {0: 3, 2: 3})
    told = [(index, [view for view, _ in shown]) for index, shown in look(way, follow)]
    assert told == [(0, [0]), (1, [0]), (2, [0, 2]), (3, [0, 2])]


def test_a_frame_is_followed_no_further_than_it_is_carried(frames):
    stream = iter(enumerate(frames[:4]))
    told = [(index, [view for view, _ in shown]) for index, shown in look(Way("forward", stream, {0: 1}), follow)]
    assert told == [(0, [0]), (1, [0])]
    assert next(stream)[0] == 2  # nor is any more read


def test_frames_are_carried_as_far_as_the_next_painted_one(frames):
    survey = surveyed(frames, now=(3, 8))
    assert [survey.reach(frame) for frame in (0, 3, 5, 8, 11)] == [(0, 2), (0, 7), (4, 7), (4, 11), (9, 11)]


def test_looking_tells_the_seconds_of_every_frame_that_is_followed(frames):
    told, survey = [], surveyed(frames[:4], now=())
    survey.look_from([1, 3], told.append)
    assert told == [0.25] * 6  # from frame 1 to three others, from frame 3 too
    assert survey.seconds([1, 3]) == sum(told)


def test_frames_are_spread_from_the_first_to_the_last():
    assert spread(range(10, 21), 3) == [10, 15, 20]
    assert spread(range(5, 8), 12) == [5, 6, 7]
    assert packed(np.ones((1, 9), bool)).tolist() == [255, 128]
