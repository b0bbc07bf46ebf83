import threading
from typing import ClassVar

import numpy as np
import pytest

from tests.fake import Fake, FakeParams, Repeat
from v2v_studio.errors import RenderError, UsageError
from v2v_studio.renderers.base import Rendered
from v2v_studio.tracks.run import Pass, Progress, ahead, check
from v2v_studio.tracks.table import TRACKS, Track, set_up
from v2v_studio.types import Anchor, FreeMotion


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


@pytest.fixture
def weights(monkeypatch, tmp_path):
    """All of the models that is looked for before a render."""
    for model, parts in {
        "motion-i2v": ["stage2/unet"],
        "consisti2v": ["unet", "vae", "text_encoder", "tokenizer"],
        "smcd": ["position_net"],
    }.items():
        for part in parts:
            (tmp_path / model / part).mkdir(parents=True)
            (tmp_path / model / part / "config.json").write_text("{}")
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))


def test_a_seed_is_the_motions_too_unless_it_has_its_own(weights):
    assert set_up("animate", {}, 7).motion_params.seed == 7
    assert set_up("animate", {"seed": 9}, 7).motion_params.seed == 9


def test_what_a_shot_says_takes_the_place_of_what_the_options_leave_empty(weights):
    own = set_up("animate", {}, 0).for_shot("a bear", 20)
    assert (own.motion_params.prompt, own.render_params.prompt, own.motion_params.frames) == ("a bear", "a bear", 20)
    given = set_up("animate", {"prompt": "a fox", "frames": 40}, 0).for_shot("a bear", 20)
    assert (given.motion_params.prompt, given.motion_params.frames) == ("a fox", 40)
    for prompt in ("a bear", ""):
        assert set_up("restyle", {}, 0).for_shot(prompt, 20).describe() == set_up("restyle", {}, 0).describe()


def test_a_track_by_weights_says_so(weights):
    assert set_up("animate-preview", {}, 0).by_weights
    assert not set_up("restyle", {}, 0).by_weights


def test_forward_motion_is_turned_for_a_renderer_that_samples(pan, monkeypatch):
    from v2v_studio.motion.estimate import Estimate
    from v2v_studio.renderers.embedded import Embedded
    from v2v_studio.types import FlowField

    class Right:
        """Everything goes two pixels to the right a frame."""

        def motion(self, window, before):
            way = np.zeros((1, 2, 48, 64), np.float32)
            way[:, 0] = 2 * window.start
            return FlowField(way, "forward", np.ones((1, 1, 48, 64), np.float32))

    frames, anchor = pan
    monkeypatch.setattr(Estimate, "open", lambda *_: Right())
    assert Embedded.directions == ("backward",)
    for t, step in enumerate(Pass(set_up("restyle", {"quality": "draft"}, 0), anchor).steps(frames[0], frames[1:]), 1):
        assert step.motion.direction == "backward" and (step.motion.displacement[0, 0] == -2 * t).all()
        assert (step.motion.step[0, 0] == -2).all()
        assert step.progress.motion.direction == "forward"


def test_motion_that_is_no_field_goes_to_the_renderer_as_it_is_and_is_not_kept(pan, fake, monkeypatch):
    frames, anchor = pan
    monkeypatch.setitem(TRACKS, "free-fake", Track("free-fake", "free", "fake", ""))
    shelf = Shelf()
    steps = list(Pass(set_up("free-fake", {}, 0), anchor).steps(frames[0], frames[1:], cache=shelf))
    assert [step.motion for step in steps] == [FreeMotion(1, (48, 64))] * 5
    assert [step.progress.motion for step in steps] == [FreeMotion(1, (48, 64))] * 5 and shelf.puts == 0


def test_a_renderer_that_needs_a_field_is_refused_free_motion_before_any_work(monkeypatch):
    monkeypatch.setitem(TRACKS, "wrong", Track("wrong", "free", "embedded", ""))
    with pytest.raises(
        UsageError,
        match=r"renders FlowField but motion 'free' gives FreeMotion or FlowField\. Renderers that fit: consisti2v",
    ):
        set_up("wrong", {}, 0)


def test_motion_of_a_window_is_kept_frame_by_frame(pan, fake, monkeypatch):
    frames, anchor = pan
    setup, one, two = set_up("fake", {"quality": "draft"}, 0), Shelf(), Shelf()
    list(Pass(setup, anchor).steps(frames[0], frames[1:], cache=one))
    monkeypatch.setattr(Repeat, "window", 3)
    list(Pass(setup, anchor).steps(frames[0], frames[1:], cache=two))
    assert list(two.kept) == list(one.kept) == [1, 2, 3, 4, 5]
    assert all(np.array_equal(two.kept[t].displacement, one.kept[t].displacement) for t in one.kept)
    steps = list(Pass(setup, anchor).steps(frames[0], frames[1:], cache=one))
    assert [len(step.motion) for step in steps] == [3, 2]


@pytest.mark.parametrize("quality", ["draft", "final"])
def test_a_look_that_is_taken_from_footage_moves_with_motion_that_is_made_up(pan, quality):
    """A look that is a function of colour, on footage that stands still, seen by a camera that does not."""
    still = pan[0][0]
    anchor = Anchor(still, (1 - still) ** 2)
    setup = set_up("camera-preview", {"camera": "pan-right", "quality": quality}, 0)
    (last,) = [step.frames[0] for step in Pass(setup, anchor).steps(still, [still] * 4)][3:]
    assert np.abs(last[:, :, :40] - anchor.styled[:, :, 8:48]).mean() < 0.02  # 64 pixels: half of them in 16 frames
    assert np.abs(last - anchor.styled).mean() > 0.05


def test_unknown_option_of_a_track_is_named():
    with pytest.raises(UsageError, match=r"unknown option of track 'restyle' 'qualty'\. Did you mean 'quality'"):
        set_up("restyle", {"qualty": "draft"}, 0)


def test_the_renderer_of_these_tests_is_offered_to_nobody():
    from v2v_studio.choices import choices
    from v2v_studio.renderers.base import RENDERERS

    assert "fake" not in [row["name"] for row in choices("track")] + RENDERERS.names()


def test_unknown_track_is_named():
    with pytest.raises(UsageError, match=r"unknown track 'restile'\. Did you mean 'restyle'"):
        set_up("restile", {}, 0)


@pytest.mark.parametrize("name", TRACKS)
def test_every_track_sets_up_and_describes_itself_in_plain_values(name, weights):
    import json

    assert json.loads(json.dumps(set_up(name, {}, 3).describe()))["seed"] == 3


def test_each_window_is_given_what_the_one_before_handed_on(pan, fake, monkeypatch):
    from v2v_studio.renderers.base import Rendered

    class Counting:
        window = stride = 1
        given: ClassVar[list[int]] = []

        def render(self, window, motion, carry):
            self.given.append(int(carry.get("count", 0)))
            return Rendered(window.frames, {"count": np.array(self.given[-1] + 1)})

    frames, anchor = pan
    monkeypatch.setattr(Fake, "open", lambda *_, **__: Counting())
    steps = list(Pass(set_up("fake", {"quality": "draft"}, 0), anchor).steps(frames[0], frames[1:]))
    assert Counting.given == [0, 1, 2, 3, 4]
    assert [int(step.progress.carry["count"]) for step in steps] == [1, 2, 3, 4, 5]


def test_work_in_a_window_hears_of_an_end_in_either_thread(pan, fake, monkeypatch):
    """Motion that never comes to an end by itself, and a user who stops."""
    from v2v_studio.errors import Cancelled
    from v2v_studio.motion.estimate import Estimate

    class Endless:
        def __init__(self, on_step):
            self.on_step = on_step

        def motion(self, window, before):
            while True:
                self.on_step()

    def stop():
        raise Cancelled("stopped by the user")

    frames, anchor = pan
    monkeypatch.setattr(Estimate, "open", lambda self, anchor, params, on_step: Endless(on_step))
    with pytest.raises(Cancelled, match="stopped by the user"):
        list(Pass(set_up("fake", {"quality": "draft"}, 0), anchor, stop).steps(frames[0], frames[1:]))


def test_what_is_made_ahead_is_given_up_when_no_more_is_wanted():
    over, begun = threading.Event(), threading.Event()

    def items():
        yield 1
        begun.set()
        assert over.wait(5), "nobody said that it is over"
        yield 2

    made = ahead(items(), over)
    assert next(made) == 1
    begun.wait(5)
    made.close()
    assert over.is_set()


class Striding(FakeParams):
    stride: int = 4


class Numbered:
    """Renders as many frames as it is given, in the grey of how many it has rendered, and hands that on."""

    window = 2

    def __init__(self, stride):
        self.asked, self.stride = [], stride

    def render(self, window, motion, carry):
        assert set(carry) <= {"count"} and len(motion) == len(window.frames)
        done = int(carry.get("count", 0))
        self.asked.append(window.frames[:, 0, 0, 0].tolist())
        grey = (done + np.arange(1, len(motion) + 1, dtype=np.float32)) / 255
        texture = np.linspace(0, 0.2, 60, dtype=np.float32)
        return Rendered(
            grey[:, None, None, None] + texture + np.zeros((1, 3, 40, 1), np.float32),
            {"count": np.array(done + len(grey))},
        )


@pytest.fixture
def striding(fake, monkeypatch):
    """A pass over a still, two frames rendered a window, and what its renderer was asked for."""
    made = []
    monkeypatch.setattr(Fake, "Params", Striding)
    monkeypatch.setattr(Fake, "open", lambda self, anchor, params, *_: made.append(Numbered(params.stride)) or made[-1])
    still = np.random.default_rng(0).random((3, 40, 60)).astype(np.float32)
    frames = [still.copy() for _ in range(12)]
    for index, frame in enumerate(frames):
        frame[0, 0, 0] = index  # says which it is

    def opened(**options):
        return Pass(set_up("fake", {"quality": "draft", **options}, 0), Anchor(frames[0], still))

    return frames, opened, made


def test_where_little_moves_only_the_last_frame_of_a_stride_is_rendered(striding):
    frames, opened, made = striding
    steps = list(opened().steps(frames[0], frames[1:]))
    assert made[0].asked == [[4, 8], [11]]
    assert [(s.window.start, s.window.stop, len(s.frames), s.progress.index) for s in steps] == [
        (1, 9, 8, 8),
        (9, 12, 3, 11),
    ]
    every = list(opened(stride=1).steps(frames[0], frames[1:]))
    assert made[1].asked == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11]] and len(rendered(every)) == 11


def test_strided_windows_go_on_with_the_bytes_of_one_go(striding):
    frames, opened, _ = striding
    whole = list(opened().steps(frames[0], frames[1:]))
    saved = whole[0].progress
    rest = list(opened().steps(frames[saved.index], frames[saved.index + 1 :], saved))
    assert np.array_equal(rendered(rest), rendered(whole)[8:])
    assert saved.carry["shown"].dtype == np.uint8
