"""A camera that pans to the right shows new columns in every frame: the last frame shows all that the first one lacks."""

import shutil
from itertools import pairwise

import numpy as np
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png
from v2v_studio.metrics.coverage import greedy, packed
from v2v_studio.studio import Studio
from v2v_studio.studio.suggest import Work, halfway, settled


@pytest.fixture(scope="module")
def folder(rendered_once, tmp_path_factory):
    """A project whose three shots have a first frame and a take each."""
    return shutil.copytree(rendered_once, tmp_path_factory.mktemp("suggested") / "myfilm")


@pytest.fixture(scope="module")
def suggested(folder):
    """Of the third shot, 14 frames at 1.3 px a frame, painted on its first frame."""
    return Studio(folder).suggest("sh030", 2, folder / "coverage.png")


def test_the_far_end_of_a_pan_is_suggested(suggested):
    assert suggested[0].frame >= 1013
    assert suggested[0].covers > 0.7  # of a picture 96 px wide, silhouettes of a pixel or two are the rest


def test_shares_of_all_suggestions_add_up(suggested):
    first, *_, last = suggested
    assert sum(s.covers for s in suggested) == pytest.approx(1 - last.unseen_after / first.unseen_before)
    for before, after in pairwise(suggested):
        assert after.unseen_before == before.unseen_after


def test_predicted_cover_is_what_is_measured_once_that_first_frame_is_there(rendered, suggested):
    frame = suggested[0].frame
    made = rendered.stylize(["sh030"], "filters", {"preset": "poster"}, frame=frame)
    rendered.pick("sh030", ["ff001", made[0].id])
    again = rendered.suggest("sh030", 1)
    assert again[0].unseen_before == suggested[0].unseen_after
    assert again[0].frame == suggested[1].frame


def test_curve_has_every_frame_and_is_zero_where_it_was_painted(suggested):
    for suggestion in suggested:
        curve = dict(suggestion.curve)
        assert list(curve) == list(range(1001, 1015))
        assert curve[1001] == curve[suggestion.frame] == 0
        assert np.mean(list(curve.values())) == pytest.approx(suggestion.unseen_after)


def test_coverage_is_written_as_a_picture(suggested, folder):
    assert read_png(folder / "coverage.png").shape == (3, 320, 960)


def test_without_a_first_frame_everything_is_unseen(rendered):
    rendered.store.change_shot("sh020", lambda shot: shot.changed(first_frame=None))
    (first,) = rendered.suggest("sh020", 1)
    assert first.unseen_before == 1
    assert first.covers > 0.7
    assert 1002 <= first.frame <= 1009  # from the middle of a pan more is seen than from its ends


def test_a_shot_of_one_frame_has_that_frame_to_paint(rendered):
    rendered.store.change_shot("sh020", lambda shot: shot.changed(end=shot.start + 1, first_frame=None))
    (only,) = rendered.suggest("sh020", 3)
    assert (only.frame, only.covers, only.unseen_after) == (1001, 1, 0)


def test_nothing_is_suggested_where_everything_is_seen(rendered, tmp_path):
    rendered.store.change_shot("sh020", lambda shot: shot.changed(start=shot.start, end=shot.start + 1))
    assert rendered.suggest("sh020", 3, tmp_path / "flat.png") == []
    assert (tmp_path / "flat.png").exists()


def test_the_same_frames_are_suggested_again(rendered, suggested):
    assert rendered.suggest("sh030", 2) == suggested


def test_progress_is_in_hundredths_and_ends_at_the_last(rendered):
    told = []
    rendered.suggest("sh020", 1, on_progress=lambda done, total: told.append((done, total)))
    assert told[0][0] <= 2 and told[-1] == (100, 100)
    assert {total for _, total in told} == {100}
    assert all(0 <= done <= 99 for done, _ in told[:-1])


def test_progress_steps_back_when_more_work_comes_up():
    told = []
    work = Work(10, lambda done, total: told.append(done))
    work.add(9)
    work.more(9)
    work.add(0)
    work.more(1)
    work.add(9)
    work.end()
    assert told == [90, 50, 99, 100]


def test_estimate_grows_with_what_is_looked_from_and_with_care(rendered):
    one, nine = (rendered.suggest_seconds("sh030", count) for count in (1, 9))
    assert 0 < rendered.suggest_seconds("sh030", 1, {"quality": "draft"}) < one < nine


@pytest.mark.parametrize("quality", ["draft", pytest.param("final", marks=pytest.mark.slow)])
def test_a_render_finds_the_motion_of_what_was_suggested(rendered, quality):
    options = {"quality": quality}
    (suggestion,) = rendered.suggest("sh030", 1, options=options)
    made = rendered.stylize(["sh030"], "filters", {"preset": "poster"}, frame=suggestion.frame)
    rendered.pick("sh030", ["ff001", made[0].id])
    known = kept_motion(rendered)
    (row,) = rendered.render(rendered.plan(["sh030"], options=options), workers=1)
    assert row["what"] == "rendered"
    assert kept_motion(rendered) == known


def test_motion_that_a_render_left_is_not_made_again(rendered):
    rendered.suggest("sh030", 1, options={"quality": "draft"})
    known = kept_motion(rendered)
    rendered.suggest("sh030", 1, options={"quality": "draft"})
    assert kept_motion(rendered) == known


def kept_motion(studio):
    """File -> when it was written."""
    files = (studio.store.folder / "cache" / "flow").rglob("*.flow")
    return {file: file.stat().st_mtime_ns for file in files}


def test_an_option_that_the_track_has_not_is_refused(rendered):
    with pytest.raises(UsageError, match="qualty"):
        rendered.suggest("sh030", 1, options={"qualty": "draft"})


def test_neighbours_are_looked_at_halfway_unless_they_touch():
    assert halfway([0, 10, 20, 30], [10]) == {5, 15}
    assert halfway([0, 1, 2, 8], [1, 2]) == {5}


class Known:
    """A survey whose masks are given: what each frame shows of frame 3, a row of pixels."""

    def __init__(self, looked, **shows):
        self.now, self.asked = frozenset([0]), []
        self.shows = {0: bits("00000000")} | {FRAME[name]: bits(row) for name, row in shows.items()}
        self.masks = {frame: self.shows[frame] for frame in looked}

    def seconds(self, chosen):
        return 0

    def look_from(self, chosen, on_step):
        self.asked.append(sorted(chosen))
        self.masks |= {frame: self.shows[frame] for frame in chosen}

    def chosen(self, views, count):
        return greedy(self.masks, views, count, range(5), 8)


FRAME = {"a": 1, "b": 2, "c": 4}


def bits(row):
    """Of the other frames everything is shown."""
    return np.stack([packed(np.array([frame != 3 or pixel == "1" for pixel in row])) for frame in range(5)])


def test_what_comes_next_after_another_first_choice_is_looked_from_too():
    """Roughly a is best, then c. In truth c is, and beside c not a but b adds most."""
    rough = Known([0, 1, 2, 4], a="11111000", b="11100001", c="00011110")
    exact = Known([], a="01100000", b="11000001", c="00011110")
    choices = settled(rough, exact, 2, Work(1, lambda done, total: None))
    assert exact.asked == [[0, 1, 4], [2]]
    assert [choice.frame for choice in choices] == [4, 2]


def test_what_was_suggested_is_kept_until_the_shot_changes(rendered):
    assert rendered.suggested("sh030", 2) is None
    made = rendered.suggest("sh030", 2)
    kept, picture = rendered.suggested("sh030", 2)
    assert kept == made and picture.read_bytes()[:4] == b"\x89PNG"
    assert rendered.suggested("sh030", 1) is None
    shot = rendered.store.shot("sh030")
    rendered.trim("sh030", 1001, shot.number(shot.end) - 1)
    assert rendered.suggested("sh030", 2) is None
