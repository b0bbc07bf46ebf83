import os

from tests.project.conftest import FINGERPRINT
from tests.test_parts import gone_process
from v2v_studio.parts import host
from v2v_studio.project.sweep import sweep


def test_sweep_removes_what_ended_processes_left_and_keeps_partial_takes(store):
    ended = os.fork()
    if ended == 0:
        os._exit(0)
    os.waitpid(ended, 0)
    torn = store.folder / f"shots/sh010/.shot.json.{ended}.part"
    torn.write_text("{")
    half = store.folder / "shots/sh010/firstframes/.partial"
    half.mkdir()
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.frame(1001).write_text("1001")
    assert sorted(sweep(store)) == sorted([half, torn])
    assert store.partial_frames("sh010", FINGERPRINT) == 1
    assert sweep(store) == []


def test_a_copy_whose_process_was_killed_before_its_record_is_swept_and_no_other_file(store):
    folder = store.folder / "footage"
    names = ["a002.mov", "a003.mov", "a004", "a005.mov", "a006.mov"]
    for name, held in zip(names, ["a002.mov", "a003.mov", "a004", "../a005.mov", "a002.mov"], strict=True):
        (folder / name).write_text("copied")
        (folder / f".{name.split('.')[0]}.copy.{host()}-{gone_process()}.part").write_text(held)
    (folder / "a003.json").write_text("{}")  # its record came to be
    (folder / "a002.wav").write_text("somebody's own")
    swept = {path.name for path in sweep(store) if not path.name.startswith(".")}
    assert swept == {"a002.mov", "a004"}
    assert {path.name for path in folder.iterdir()} >= {"a002.wav", "a003.mov", "a005.mov", "a006.mov"}
    assert not list(folder.glob(".*"))


def test_a_pipe_in_place_of_a_mark_is_swept_and_not_waited_for(store):
    mark = store.folder / "footage" / f".a002.copy.{host()}-{gone_process()}.part"
    os.mkfifo(mark)
    assert sweep(store) == [mark] and not mark.exists()


def test_sweep_leaves_a_file_that_is_being_written(store):
    part = store.folder / f"shots/sh010/.shot.json.{os.getpid()}.part"
    part.write_text("{")
    assert sweep(store) == [] and part.exists()
