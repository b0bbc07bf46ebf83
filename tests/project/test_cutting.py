"""Shots are cut, split and merged as one: all of it is done, or none."""

import json
import os

import pytest

from v2v_studio.errors import ProjectError
from v2v_studio.project.records import Shot
from v2v_studio.project.store import UNDO, Store

NEW = Shot(id="sh015", footage="a001", start=6, end=10)


def ranges(store):
    return {shot.id: (shot.start, shot.end) for shot in store.shots()}


def split(store):
    store.change_shot("sh010", lambda shot: shot.changed(end=6))
    store.add_shot(NEW)


def killed_while_splitting(store, then=lambda: None):
    child = os.fork()
    if child == 0:
        with Store(store.folder).cutting():
            split(store)
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_what_was_cut_stays_cut(store):
    with store.cutting():
        split(store)
    assert ranges(Store(store.folder)) == {"sh010": (2, 6), "sh015": (6, 10)}
    assert not (store.folder / "shots" / UNDO).exists()


def test_a_cut_that_fails_is_undone_at_once(store):
    with pytest.raises(ZeroDivisionError), store.cutting():
        split(store)
        raise ZeroDivisionError
    assert ranges(store) == {"sh010": (2, 10)} and not (store.folder / "shots" / UNDO).exists()


def test_a_cut_that_is_killed_is_undone_by_whoever_opens_the_project_next(store):
    killed_while_splitting(store)
    assert ranges(store) == {"sh010": (2, 6), "sh015": (6, 10)}  # as it was left
    assert ranges(Store(store.folder)) == {"sh010": (2, 10)}


def test_a_shot_that_was_removed_in_a_cut_that_failed_is_back(store):
    before = store.shot("sh010")
    with pytest.raises(ZeroDivisionError), store.cutting():
        store.remove_shot("sh010")
        raise ZeroDivisionError
    assert store.shot("sh010") == before


def test_what_others_changed_in_the_meantime_stays(store):
    killed_while_splitting(store)
    store.change_shot("sh010", lambda shot: shot.changed(prompt="a bear", status="review"))
    shot = Store(store.folder).shot("sh010")
    assert (shot.start, shot.end, shot.prompt, shot.status) == (2, 10, "a bear", "review")


def test_a_new_shot_that_was_worked_on_in_the_meantime_stays(store):
    killed_while_splitting(store)
    (store.folder / "shots/sh015/takes/t001").mkdir()
    (store.folder / "shots/sh015/takes/t001/take.json").touch()
    assert (Store(store.folder).folder / "shots/sh015/shot.json").exists()


def test_folders_that_are_no_shots_are_left_alone(store):
    killed_while_splitting(store)
    (store.folder / "shots/shelf").mkdir()
    assert (Store(store.folder).folder / "shots/shelf").exists()


def test_a_cut_that_goes_on_is_not_undone_by_one_who_looks(store):
    with store.cutting():
        split(store)
        child = os.fork()
        if child == 0:
            Store(store.folder)
            os._exit(0)
        os.waitpid(child, 0)
        assert ranges(store) == {"sh010": (2, 6), "sh015": (6, 10)}


@pytest.mark.parametrize("text", ["{", "{}", '{"shots": 1}', '{"shots": [{"id": "../x"}]}'])
def test_a_spoiled_note_of_what_was_before_is_told(store, text):
    (store.folder / "shots" / UNDO).write_text(text)
    opened = Store(store.folder)  # to look at it is still possible
    with pytest.raises(ProjectError, match="is damaged"), opened.cutting():
        pass


def test_nothing_deeper_than_a_record_is_read(store):
    value = []
    for _ in range(80):
        value = [value]
    path = store.folder / "shots/sh010/shot.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "x": value}))
    with pytest.raises(ProjectError, match="nested more than 64 levels"):
        store.shot("sh010")
