"""A camera that pans to the right shows new columns in every frame: the last frame shows all that the first one lacks."""

from itertools import pairwise

import numpy as np
import pytest

from v2v_studio.media.frames import read_png
from v2v_studio.studio.suggest import halfway


@pytest.fixture
def suggested(rendered, tmp_path):
    """Of the third shot, 14 frames at 1.3 px a frame, painted on its first frame."""
    return rendered.suggest("sh030", 2, tmp_path / "coverage.png")


def test_the_far_end_of_a_pan_is_suggested(suggested):
    assert suggested[0].frame >= 1013
    assert suggested[0].covers > 0.7  # of a picture 96 px wide, silhouettes of a pixel or two are the rest


def test_shares_of_all_suggestions_add_up(suggested):
    first, *_, last = suggested
    assert [s.covers for s in suggested] == sorted((s.covers for s in suggested), reverse=True)
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


def test_coverage_is_written_as_a_picture(suggested, tmp_path):
    assert read_png(tmp_path / "coverage.png").shape == (3, 320, 960)


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


def test_progress_ends_at_the_last_frame_of_the_second_look(rendered):
    told = []
    rendered.suggest("sh020", 1, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 40) for done in range(1, 41)]  # 10 frames, two ways, two looks


def test_estimate_grows_with_what_is_looked_from(rendered):
    assert 0 < rendered.suggest_seconds("sh030", 1) < rendered.suggest_seconds("sh030", 9)


def test_neighbours_are_looked_at_halfway_unless_they_touch():
    assert halfway([0, 10, 20, 30], [10]) == {5, 15}
    assert halfway([0, 1, 2, 8], [1, 2]) == {5}
