from typing import ClassVar

import numpy as np
import pytest

from v2v_studio.errors import RenderError, UsageError
from v2v_studio.tracks.run import Pass, Progress, ahead, check
from v2v_studio.tracks.table import TRACKS, set_up
from v2v_studio.types import Anchor


class Shelf:
    """A motion cache that remembers in memory and counts what it was asked to keep."""

    def __init__(self):
        self.kept, self.puts = {}, 0

    def get(self, index):
        return self.kept.get(index)

    def put(self, index, motion):
        self.kept[index] = motion
        self.puts += 1


@pytest.fixture(scope="module")
def pan():
    """Six frames of a textured picture that moves two pixels to the right a frame, and the first one tinted."""
    rng = np.random.default_rng(1)
    wide = rng.random((3, 48, 96)).astype(np.float32)
    wide = (wide + np.roll(wide, 1, 1) + np.roll(wide, 1, 2) + np.roll(wide, (1, 1), (1, 2))) / 4
    frames = [np.ascontiguousarray(wide[:, :, 20 - 2 * t : 84 - 2 * t]) for t in range(6)]
    return frames, Anchor(frames[0], frames[0][::-1].copy())


def rendered(steps):
    return np.concatenate([step.frames for step in steps])


def test_every_frame_is_rendered_once(pan):
    frames, anchor = pan
    steps = list(Pass(set_up("restyle", {"quality": "draft"}, 0), anchor).steps(frames[0], frames[1:]))
    assert [i for s in steps for i in range(s.window.start, s.window.stop)] == [1, 2, 3, 4, 5]
    assert rendered(steps).shape == (5, 3, 48, 64)


@pytest.mark.parametrize("quality", ["draft", "final"])
@pytest.mark.parametrize("stop", [1, 3])
def test_going_on_from_saved_progress_gives_the_bytes_of_one_go(pan, quality, stop):
    frames, anchor = pan
    setup = set_up("restyle", {"quality": quality}, 0)
    whole = list(Pass(setup, anchor).steps(frames[0], frames[1:]))
    saved = whole[stop - 1].progress
    rest = Pass(setup, anchor).steps(frames[saved.index], frames[saved.index + 1 :], saved)
    assert np.array_equal(rendered(rest), rendered(whole)[stop:])


def test_known_motion_is_not_made_again_and_changes_nothing(pan):
    frames, anchor = pan
    setup, shelf = set_up("restyle", {"quality": "draft"}, 0), Shelf()
    first = rendered(Pass(setup, anchor).steps(frames[0], frames[1:], cache=shelf))
    again = rendered(Pass(setup, anchor).steps(frames[0], frames[1:], cache=shelf))
    assert shelf.puts == 5 and np.array_equal(first, again)


def test_a_motion_of_another_size_is_made_anew(pan):
    frames, anchor = pan
    setup, shelf = set_up("restyle", {"quality": "draft"}, 0), Shelf()
    list(Pass(setup, anchor).steps(frames[0], frames[1:3], cache=shelf))
    small = [f[:, :40, :40].copy() for f in frames]
    list(Pass(setup, Anchor(small[0], small[0])).steps(small[0], small[1:3], cache=shelf))
    assert shelf.puts == 4


def test_frame_that_is_not_finite_is_refused():
    bad = np.full((3, 4, 4), np.nan, np.float32)
    with pytest.raises(RenderError, match="frame 7 of the shot came out with values that are not finite"):
        check(np.random.default_rng(0).random((3, 4, 4)), bad, 7)


def test_black_frame_is_refused_where_the_footage_has_a_picture():
    with pytest.raises(RenderError, match="one flat colour"):
        check(np.random.default_rng(0).random((3, 4, 4)), np.zeros((3, 4, 4)), 7)


def test_black_frame_is_right_where_the_footage_is_black():
    check(np.zeros((3, 4, 4)), np.zeros((3, 4, 4)), 7)


def test_progress_begins_at_the_anchor():
    assert Progress().index == 0


def test_ahead_gives_the_same_items():
    assert list(ahead(iter(range(5)))) == [0, 1, 2, 3, 4]


def test_ahead_hands_on_the_error_of_its_source():
    def source():
        yield 1
        raise RenderError("torn")

    with pytest.raises(RenderError, match="torn"):
        list(ahead(source()))


def test_option_goes_to_every_part_of_the_track_that_has_it():
    setup = set_up("restyle", {"quality": "draft"}, 0)
    assert (setup.motion_params.quality, setup.render_params.quality) == ("draft", "draft")


def test_unknown_option_of_a_track_is_named():
    with pytest.raises(UsageError, match=r"unknown option of track 'restyle' 'qualty'\. Did you mean 'quality'"):
        set_up("restyle", {"qualty": "draft"}, 0)


def test_unknown_track_is_named():
    with pytest.raises(UsageError, match=r"unknown track 'restile'\. Did you mean 'restyle'"):
        set_up("restile", {}, 0)


@pytest.mark.parametrize("name", TRACKS)
def test_every_track_sets_up_and_describes_itself_in_plain_values(name):
    import json

    assert json.loads(json.dumps(set_up(name, {}, 3).describe()))["seed"] == 3


def test_each_window_is_given_what_the_one_before_handed_on(pan, monkeypatch):
    from v2v_studio.renderers.base import Rendered
    from v2v_studio.renderers.fake import Fake

    class Counting:
        given: ClassVar[list[int]] = []

        def render(self, window, motion, carry):
            self.given.append(int(carry.get("count", 0)))
            return Rendered(window.frames, {"count": np.array(self.given[-1] + 1)})

    frames, anchor = pan
    monkeypatch.setattr(Fake, "open", lambda *_: Counting())
    monkeypatch.setattr(Fake, "window", 1)
    steps = list(Pass(set_up("fake", {"quality": "draft"}, 0), anchor).steps(frames[0], frames[1:]))
    assert Counting.given == [0, 1, 2, 3, 4]
    assert [int(step.progress.carry["count"]) for step in steps] == [1, 2, 3, 4, 5]
