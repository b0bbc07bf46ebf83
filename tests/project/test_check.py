"""Records held against each other. What `doctor` makes of it is tested in tests/studio/test_doctor.py."""

import pytest

from tests.project.conftest import first_frame, picture, rendered
from v2v_studio.project.check import Finding, Inspection, held, takes_in_edits, without
from v2v_studio.project.records import Shot


@pytest.fixture
def edit(store):
    """edit(text): an edit that says that."""

    def make(text, name="cut01"):
        (store.folder / f"edits/{name}.otio").write_text(text)

    return make


def test_a_finding_is_one_sentence_of_what_where_and_what_to_do():
    assert Finding("shots/sh10", "not a name", "rename it").sentence == "shots/sh10: not a name; rename it"


def test_nothing_is_wrong_with_a_small_project(store):
    assert Inspection(store).findings == []


def test_takes_that_an_edit_mentions_are_found_whatever_leads_to_them(store, edit):
    edit('"../shots/sh010/takes/t001/frames/" "../../film/shots/sh015n/takes/t1002/frames/x.png"')
    assert set(takes_in_edits(store)) == {("sh010", "t001"), ("sh015n", "t1002")}


def test_what_only_looks_like_a_take_is_none(store, edit):
    edit('"../shots/sh010/takes/t001x/" "../shots/hero/takes/t001/"')
    assert takes_in_edits(store) == {}


def test_a_lock_is_held_while_its_block_runs(store):
    assert not held(store, "mine")
    with store.lock("mine"):
        assert held(store, "mine")
    assert not held(store, "mine")


@pytest.mark.parametrize(
    ("lost", "left"),
    [({"ff001"}, ("ff002", ["ff003"])), ({"ff002"}, ("ff001", ["ff003"])), ({"ff001", "ff002", "ff003"}, (None, []))],
)
def test_a_shot_keeps_the_first_frames_that_are_there(lost, left):
    shot = Shot(id="sh010", footage="a001", start=0, end=9, first_frame="ff001", further=["ff002", "ff003"])
    assert (without(lost, shot).first_frame, without(lost, shot).further) == left


def test_a_shot_beyond_its_footage_is_found(store):
    store.change_shot("sh010", lambda shot: shot.changed(end=25))
    (found,) = Inspection(store).findings
    assert found.what == "it ends at frame 25, but a001 has 24 frames"


def test_a_shot_of_footage_that_is_gone_is_found(store):
    (store.folder / "footage/a001.json").unlink()
    (found,) = Inspection(store).findings
    assert found.where == "shots/sh010/shot.json" and "it is a range of a001" in found.what


def test_a_take_in_the_place_of_another_shots_is_found(store):
    store.add_first_frame(first_frame(), picture)
    made = rendered(store)
    path = store.take_folder("sh010", made.id) / "take.json"
    path.write_text(path.read_text().replace('"shot": "sh010"', '"shot": "sh020"'))
    assert "it says that it is of shot sh020" in [found.what for found in Inspection(store).findings]


def test_a_removed_take_is_gone_from_sight_and_from_the_disk(store):
    store.add_first_frame(first_frame(), picture)
    made = rendered(store)
    folder = store.take_folder("sh010", made.id)
    store.remove_take("sh010", made.id)
    assert store.takes("sh010") == [] and list(folder.parent.iterdir()) == []
