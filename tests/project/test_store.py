import json
import shutil

import pytest

from tests.project.conftest import FINGERPRINT, first_frame, footage, picture, rendered
from v2v_studio.errors import ProjectError, RenderError, StudioError, UsageError
from v2v_studio.project.control import Control, Drag
from v2v_studio.project.records import Job, Note, Shot
from v2v_studio.project.store import Store


def rewrite(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_folder_without_project_json_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(ProjectError) as refused:
        Store(tmp_path / "x")
    folder = tmp_path / "x"
    assert str(refused.value) == (
        f"{folder} is not a v2v project (no project.json). Create one with: v2v init {folder}"
    )


def test_a_project_is_not_created_twice(store):
    with pytest.raises(ProjectError, match="is a v2v project already"):
        Store.create(store.folder)


def test_json_is_readable(store):
    text = (store.folder / "shots/sh010/shot.json").read_text()
    assert text.startswith('{\n  "schema": "v2v.shot/1",\n  "id": "sh010",\n  "footage": "a001",\n')
    assert text.endswith("}\n")


def test_unknown_keys_in_a_file_outlive_a_change(store):
    path = store.folder / "shots/sh010/shot.json"
    rewrite(path, colour="green")
    store.change_shot("sh010", lambda shot: shot.changed(note="mind the hand"))
    assert json.loads(path.read_text())["colour"] == "green"


def test_a_change_that_is_refused_leaves_the_file_as_it_was(store):
    path = store.folder / "shots/sh010/shot.json"
    before = path.read_bytes()
    with pytest.raises(ValueError, match="holds no frame"):
        store.change_shot("sh010", lambda shot: shot.changed(end=0))
    assert path.read_bytes() == before


def test_shots_run_as_the_film_does_by_footage_then_by_frame(store):
    store.add_footage(footage)
    for name, of, start in (("sh040", "a001", 0), ("sh020", "a002", 5), ("sh030", "a002", 0)):
        store.add_shot(Shot(id=name, footage=of, start=start, end=start + 1))
    assert [shot.id for shot in store.shots()] == ["sh040", "sh010", "sh030", "sh020"]


def test_footage_is_numbered_in_turn(store):
    assert [store.add_footage(footage).id for _ in range(2)] == ["a002", "a003"]


def test_a_detector_s_curve_beside_the_footage_is_not_taken_for_footage(store):
    assert store.write_scores("a001", [0.5, 1.0]) == "footage/a001.scores.json"
    assert [one.id for one in store.footages()] == ["a001"]


def test_an_unknown_name_is_a_sentence(store):
    with pytest.raises(UsageError, match="there is no shot 'sh999' in film; list what there is with: v2v status"):
        store.shot("sh999")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "v2v.shot/1", "id": NaN}', "\udcff", "[" * 9999])
def test_a_damaged_record_is_a_sentence_that_names_the_file(store, text):
    (store.folder / "shots/sh010/shot.json").write_text(text, errors="surrogateescape")
    with pytest.raises(ProjectError, match=r"shot\.json.*restore it from a backup"):
        store.shot("sh010")


def test_a_record_with_a_wrong_value_names_the_value(store):
    rewrite(store.folder / "shots/sh010/shot.json", start="soon")
    with pytest.raises(ProjectError, match=r"shot\.json: 'start' is wrong"):
        store.shot("sh010")


def test_a_shot_copied_by_hand_is_not_taken_for_the_first(store):
    shutil.copytree(store.folder / "shots/sh010", store.folder / "shots/sh020")
    with pytest.raises(ProjectError, match="says that it is shot 'sh010'; correct its id, or its place"):
        store.shots()


# ---- first frames


def test_a_first_frame_is_numbered_and_selected(store):
    assert [store.add_first_frame(first_frame(), picture).id for _ in range(2)] == ["ff001", "ff002"]
    assert store.shot("sh010").first_frame == "ff002"
    assert store.first_frame_image(store.first_frame("sh010", "ff001")).read_bytes() == b"a picture"


def test_a_first_frame_whose_picture_fails_is_not_there(store):
    def fail(path):
        path.write_bytes(b"half a pict")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.add_first_frame(first_frame(), fail)
    assert store.first_frames("sh010") == [] and store.shot("sh010").first_frame is None
    assert store.add_first_frame(first_frame(), picture).id == "ff001"


def test_a_first_frame_of_a_shot_that_is_gone_is_refused(store):
    store.remove_shot("sh010")
    with pytest.raises(UsageError, match="there is no shot 'sh010'"):
        store.add_first_frame(first_frame(), picture)
    assert not (store.folder / "shots/sh010").exists()


def test_a_shot_with_work_in_it_is_not_removed(store):
    store.add_first_frame(first_frame(), picture)
    with pytest.raises(ProjectError, match="has first frames, takes or drags and is not removed"):
        store.remove_shot("sh010")


def test_a_shot_with_drags_is_not_removed(store):
    store.write_control("sh010", Control(width=96, height=64, drags=[Drag(points=[(4, 5), (20, 5)])]))
    with pytest.raises(ProjectError, match="drags and is not removed"):
        store.remove_shot("sh010")


# ---- takes and reviews


def test_the_newest_take_of_a_fingerprint_is_found(store):
    first, again = rendered(store), rendered(store)
    other = rendered(store, "a" * 64)
    assert [first.id, again.id, other.id] == ["t001", "t002", "t003"]
    assert store.find_take("sh010", FINGERPRINT) == again
    assert store.find_take("sh010", "b" * 64) is None


def test_a_shot_that_another_process_renders_is_refused(store, monkeypatch):
    monkeypatch.setattr("v2v_studio.project.store.HANDOVER", 0.05)
    with (
        store.open_partial("sh010", FINGERPRINT),
        pytest.raises(RenderError, match="is being rendered this way by another process"),
        store.open_partial("sh010", FINGERPRINT),
    ):
        pass


def test_two_looks_of_one_shot_render_at_once(store):
    with store.open_partial("sh010", FINGERPRINT) as one, store.open_partial("sh010", "a" * 64) as other:
        assert one.folder != other.folder


def test_a_lock_that_is_never_let_go_is_a_sentence(store, monkeypatch):
    monkeypatch.setattr("v2v_studio.project.store.PATIENCE", 0.05)
    with store.lock("shot-sh010"), pytest.raises(StudioError, match="another process has held 'shot-sh010' of film"):
        store.change_shot("sh010", lambda shot: shot)


def test_a_review_leaves_the_take_s_own_files_alone(store):
    rendered(store)
    folder = store.take_folder("sh010", "t001")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    note = Note(text="the hand smears", frame=3, created="2024-05-01T12:00:00+00:00")
    store.change_review("sh010", "t001", lambda review: review.changed(status="rejected", notes=[note.plain()]))
    assert store.review("sh010", "t001").notes == [note]
    assert {path: path.read_bytes() for path in before} == before


def test_a_take_that_is_not_there_has_no_review(store):
    with pytest.raises(UsageError, match="there is no take 'sh010/t009'"):
        store.change_review("sh010", "t009", lambda review: review)
    assert not (store.folder / "shots/sh010/takes/t009").exists()


def test_jobs_are_numbered_in_turn(store):
    assert [store.add_job(Job(shot="sh010")).id for _ in range(2)] == ["j001", "j002"]
    assert [job.id for job in store.jobs()] == ["j001", "j002"]


def test_footage_that_cannot_be_recorded_leaves_no_copy(store):
    def make(name):
        (store.folder / "footage" / f"{name}.mov").write_text("copied")
        assert [path.name.split(".")[2] for path in (store.folder / "footage").glob(".*")] == ["copy"]
        raise OSError(28, "No space left on device")

    before = sorted((store.folder / "footage").iterdir())
    with pytest.raises(OSError, match="No space"):
        store.add_footage(make, ".mov")
    assert sorted((store.folder / "footage").iterdir()) == before


def test_a_new_footage_takes_no_name_that_a_file_has(store):
    (store.folder / "footage" / "a041.mov").write_text("somebody's own")
    names = []
    with pytest.raises(ZeroDivisionError):
        store.add_footage(lambda name: names.append(name) or 1 / 0)
    assert names == ["a042"]
