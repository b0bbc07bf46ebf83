from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SHOTS
from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.project.records import Shot
from v2v_studio.studio.cut import within


def spans(studio):
    return [(shot.start, shot.end) for shot in studio.shots() if shot.status != "omit"]


def names(studio):
    return [shot.id for shot in studio.shots()]


@pytest.fixture
def cut(empty, film):
    empty.ingest([film])
    empty.cut()
    return empty


def test_hard_cuts_are_found_and_shots_named_in_tens(cut):
    assert (spans(cut), names(cut)) == (list(SHOTS), ["sh010", "sh020", "sh030"])


def test_score_curve_is_kept(cut):
    import json

    record = cut.store.footage("a001").cut
    assert len(json.loads((cut.store.folder / record.scores).read_text())["scores"]) == 36


def test_cutting_again_with_another_detector_keeps_shots_found_again(cut):
    cut.store.change_shot("sh010", lambda shot: shot.changed(note="mine"))
    cut.cut(detector="content", again=True)
    assert cut.store.shot("sh010").note == "mine" and spans(cut) == list(SHOTS)


def test_each_shot_is_read_as_often_however_many_there_are(empty, film, monkeypatch):
    empty.ingest([film])
    read, shot = [], type(empty.store).shot
    monkeypatch.setattr(type(empty.store), "shot", lambda store, name: read.append(name) or shot(store, name))
    assert len(empty.cut(detector="fixed", options={"every": 1})) == 36
    assert set(Counter(read).values()) == {1}  # for the list that is given back


def test_shot_with_work_that_is_not_found_again_is_put_aside(rendered):
    rendered.cut(detector="fixed", options={"every": 18}, again=True)
    assert rendered.store.shot("sh010").status == "omit" and rendered.store.takes("sh010")


def test_split_makes_two_shots_named_in_order(cut):
    cut.split("sh010", 1006)
    assert (spans(cut)[:2], names(cut)) == ([(0, 5), (5, 12)], ["sh010", "sh015", "sh020", "sh030"])


def test_split_outside_the_shot_says_what_is_possible(cut):
    with pytest.raises(
        UsageError, match=r"sh010 has frames 1001 to 1012; it can be split at 1002 to 1012, not at 1013"
    ):
        cut.split("sh010", 1013)


def test_merge_undoes_split(cut):
    cut.split("sh010", 1006)
    cut.merge("sh010", "sh015")
    assert (spans(cut), names(cut)) == (list(SHOTS), ["sh010", "sh020", "sh030"])


def test_merge_of_shots_that_do_not_touch_is_refused(cut):
    with pytest.raises(UsageError, match="sh030 does not follow sh010 directly"):
        cut.merge("sh010", "sh030")


def test_trim_keeps_the_frames_named(cut):
    cut.trim("sh020", 1003, 1008)
    assert spans(cut)[1] == (14, 19)


def test_trim_cannot_reach_into_a_neighbour(cut):
    with pytest.raises(UsageError, match="up to, not including, 1011"):
        cut.trim("sh020", 1003, 1013)


def test_disable_and_enable(cut):
    cut.disable("sh020")
    assert cut.store.shot("sh020").status == "omit"
    cut.enable("sh020")
    assert cut.store.shot("sh020").status == "todo"


def test_cutting_without_footage_says_what_to_do(empty):
    with pytest.raises(ProjectError, match="v2v ingest"):
        empty.cut()


def test_contact_sheet_is_a_picture_of_every_shot(cut, tmp_path):
    from v2v_studio.media.frames import read_png

    cut.contact_sheet(tmp_path / "sheet.png", across=2)
    assert read_png(tmp_path / "sheet.png").shape[1] > 2 * 180


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 120))
def test_usable_frame_stays_inside_the_shot(start, length, usable):
    shot = within(Shot(id="sh010", footage="a001", start=0, end=200, usable=usable), start, start + length)
    assert shot.start <= shot.usable < shot.end


def test_score_curve_has_a_value_a_frame_and_says_what_was_made_of_it(rendered):
    curve = rendered.score_curve("a001")
    assert (curve["detector"], curve["cuts"], curve["transitions"]) == ("adaptive", [12, 22], [])
    assert len(curve["scores"]) == 36
    assert {int(frame) for frame in np.argsort(curve["scores"])[-2:]} == {12, 22}
    assert all(curve["scores"][frame] >= curve["threshold"] for frame in curve["cuts"])


def test_score_curve_of_footage_that_is_not_cut_is_refused(empty, film):
    empty.ingest([film])
    with pytest.raises(UsageError, match="a001 is not cut yet; find its shots with: v2v cut --footage a001"):
        empty.score_curve("a001")
