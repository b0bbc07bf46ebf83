"""One thing broken at a time in a project where all was well."""

import json
import os
import platform

import numpy as np
import pytest
from click.testing import CliRunner

from tests.test_parts import gone_process
from v2v_studio.cli import cli
from v2v_studio.media.frames import write_png
from v2v_studio.project.records import Job
from v2v_studio.studio import Studio
from v2v_studio.studio.mask import mask_file


@pytest.fixture
def folder(rendered):
    return rendered.store.folder


def rows(studio, fix=False):
    return [one.row() for one in studio.doctor(fix)]


def only(studio, fix=False):
    (row,) = rows(studio, fix)
    return row


def test_nothing_is_found_where_all_is_well(rendered):
    assert rows(rendered) == []


def test_a_record_that_is_no_json_is_named(rendered, folder):
    (folder / "shots/sh020/shot.json").write_text("{")
    row = only(rendered)
    assert row["where"] == "shots/sh020/shot.json" and "not valid JSON" in row["what"] and not row["fixable"]


def test_a_wrong_value_is_named_with_its_key(rendered, folder):
    path = folder / "shots/sh020/takes/t001/take.json"
    path.write_text(path.read_text().replace('"first": 12', '"first": -12'))
    row = only(rendered)
    assert row["where"] == "shots/sh020/takes/t001/take.json" and "'first' is wrong" in row["what"]


def test_a_project_record_that_is_broken_is_found(rendered, folder):
    (folder / "project.json").write_text('{"schema": "v2v.project/99"}')
    assert "newer v2v_studio" in only(rendered)["what"]


@pytest.mark.parametrize(
    "name",
    ["shots/sh10", "shots/sh010/takes/t001 copy", "shots/sh010/firstframes/ff1", "jobs/notes.txt", "footage/old.json"],
)
def test_a_name_that_does_not_belong_is_found(name, rendered, folder):
    (folder / name).mkdir()
    row = only(rendered)
    assert row["where"] == name and "not the name of a" in row["what"] and not row["fixable"]


def test_footage_that_is_gone_is_found(rendered, folder):
    next((folder / "footage").glob("*.mp4")).unlink()
    row = only(rendered)
    assert row["where"] == "footage/a001.json" and "does not exist" in row["what"]


def test_a_copy_whose_ingest_was_killed_is_named_and_left(rendered, folder):
    for name in ("a001.mov", "a002.mp4", "of mine.mp4"):
        (folder / "footage" / name).write_bytes(b"half of it")
    assert [(row["where"], row["what"], row["fixed"]) for row in rows(rendered, fix=True)] == [
        ("footage/a001.mov", "no record is of this copy", False),
        ("footage/a002.mp4", "no record is of this copy", False),
    ]


def test_footage_of_which_a_byte_changed_is_found(rendered, folder):
    media = next((folder / "footage").glob("*.mp4"))
    data = bytearray(media.read_bytes())
    data[-1] ^= 1
    media.write_bytes(data)
    assert "sha256 differs" in only(rendered)["what"]


def test_a_first_frame_painted_over_is_found(rendered, folder):
    shots = folder / "shots"
    other = (shots / "sh010/firstframes/ff001/image.png").read_bytes()
    (shots / "sh020/firstframes/ff001/image.png").write_bytes(other)
    row = only(rendered)
    assert row["where"] == "shots/sh020/firstframes/ff001/image.png" and "sha256 differs" in row["what"]


def test_a_missing_frame_is_named_by_its_number(rendered, folder):
    (folder / "shots/sh020/takes/t001/frames/sh020_t001.1004.png").unlink()
    row = only(rendered)
    assert row["what"] == "1 of 10 frames missing, the first is 1004" and not row["fixable"]


@pytest.mark.parametrize("keep", [0, 40, 0.5, 0.99], ids=["empty", "header", "half", "nearly whole"])
def test_a_frame_cut_short_is_found(keep, rendered, folder):
    path = folder / "shots/sh020/takes/t001/frames/sh020_t001.1004.png"
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(keep * len(data))])
    assert only(rendered)["where"].endswith("sh020_t001.1004.png")


def test_a_frame_with_a_changed_byte_is_found(rendered, folder):
    path = folder / "shots/sh020/takes/t001/frames/sh020_t001.1004.png"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    assert only(rendered)["where"].endswith("sh020_t001.1004.png")


def test_a_file_beside_the_frames_is_found(rendered, folder):
    (folder / "shots/sh020/takes/t001/frames/sh020_t001.2000.png").write_bytes(b"")
    assert only(rendered)["what"] == "not a frame of sh020/t001, 1 such in all"


def test_a_selection_of_what_is_gone_is_taken_back(rendered):
    rendered.store.select("sh010", take="t009")
    row = only(rendered, fix=True)
    assert row["what"] == "it selects t009, which is not there" and row["fixed"]
    assert rendered.store.shot("sh010").take is None and rows(rendered) == []


def test_first_frames_that_are_there_stay_selected(rendered):
    rendered.store.change_shot("sh010", lambda shot: shot.changed(first_frame="ff008", further=["ff001", "ff009"]))
    assert only(rendered, fix=True)["what"] == "it selects ff008, which is not there"
    shot = rendered.store.shot("sh010")
    assert (shot.first_frame, shot.further) == ("ff001", [])


def test_a_take_whose_first_frame_is_gone_is_found_and_kept(rendered, folder):
    (folder / "shots/sh010/firstframes/ff001").rename(folder / "elsewhere")
    found = rows(rendered, fix=True)
    assert [(row["where"], row["fixed"]) for row in found] == [
        ("shots/sh010/shot.json", True),
        ("shots/sh010/takes/t001", False),
    ]


@pytest.mark.parametrize("stretch", ["", "-2"])
def test_a_partial_take_that_nobody_works_on_is_dropped(rendered, folder, stretch):
    partial = folder / f"shots/sh010/takes/.partial-0123456789abcdef{stretch}"
    (partial / "frames").mkdir(parents=True)
    assert only(rendered, fix=True)["fixed"]
    assert not partial.exists()


@pytest.mark.parametrize("stretch", ["", "-2"])
def test_a_partial_take_in_the_making_is_left_alone(rendered, folder, stretch):
    with rendered.store.open_partial("sh010", "0123456789abcdef", stretch=stretch):
        assert rows(rendered, fix=True) == []
        assert (folder / f"shots/sh010/takes/.partial-0123456789abcdef{stretch}").exists()


def test_what_killed_processes_left_is_removed(rendered, folder):
    part = folder / f".project.json.{gone_process()}.part"
    trash = folder / "shots/sh010/takes/.trash-t004"
    half = folder / "shots/sh010/firstframes/.partial"
    part.write_text("{")
    trash.mkdir(), half.mkdir()
    assert [row["fixed"] for row in rows(rendered, fix=True)] == [True, True, True]
    assert not part.exists() and not trash.exists() and not half.exists()


def test_a_job_whose_process_is_gone_is_ended(rendered):
    job = rendered.store.add_job(Job(shot="sh010", state="running", pid=gone_process(), host=platform.node()))
    assert only(rendered, fix=True)["what"] == "sh010 is said to be running, but the process is gone"
    assert rendered.store.job(job.id).state == "failed"


def test_a_job_that_runs_is_no_finding(rendered):
    rendered.store.add_job(Job(shot="sh010", state="running", pid=os.getpid(), host=platform.node()))
    assert rows(rendered) == []


def test_motion_that_is_not_whole_is_removed_from_the_cache(rendered, folder):
    path = next((folder / "cache/flow").rglob("*.flow"))
    path.write_bytes(path.read_bytes()[:-20])
    assert only(rendered, fix=True)["fixed"] and not path.exists()


def test_a_lock_of_a_shot_that_is_gone_is_removed(rendered, folder):
    (folder / ".locks/shot-sh770.lock").touch()
    assert only(rendered, fix=True)["where"] == ".locks/shot-sh770.lock"
    assert rows(rendered) == []


def test_an_edit_that_mentions_what_is_gone_is_found(rendered, folder):
    (folder / "edits/cut01.otio").write_text('{"target_url_base": "../shots/sh010/takes/t009/frames/"}')
    assert only(rendered)["what"] == "it mentions sh010/t009, which is not there"


def test_fixing_touches_no_take_first_frame_or_review(rendered, folder):
    rendered.review("sh010/t001", "approve")
    (folder / "shots/sh020/takes/t001/frames/sh020_t001.1004.png").write_bytes(b"")
    (folder / "shots/sh020/firstframes/ff001/image.png").write_bytes(b"")
    (folder / "shots/sh030/takes/t001/review.json").write_text("{")
    before = content(folder)
    assert len(rows(rendered, fix=True)) == 3
    assert content(folder) == before


def content(folder):
    return {path: path.read_bytes() for path in (folder / "shots").rglob("*") if path.is_file()}


def test_command_ends_with_3_while_something_is_wrong_and_0_once_it_is_fixed(rendered, folder):
    rendered.store.select("sh010", take="t009")
    run = CliRunner().invoke
    assert run(cli, ["-C", str(folder), "doctor"]).exit_code == 3
    assert run(cli, ["-C", str(folder), "doctor", "--fix"]).exit_code == 0
    well = run(cli, ["-C", str(folder), "doctor", "--json"])
    assert well.exit_code == 0 and json.loads(well.stdout) == []


def test_a_project_of_today_opens_where_it_may_not_be_repaired(rendered):
    """The check itself writes nothing."""
    before = content(rendered.store.folder)
    Studio(rendered.store.folder).doctor()
    assert content(rendered.store.folder) == before


@pytest.fixture
def masked(rendered, tmp_path):
    """A mask that a take of sh020 was made with."""
    white_left = np.zeros((3, 64, 96), np.float32)
    white_left[..., :48] = 1
    write_png(tmp_path / "mask.png", white_left)
    ask = rendered.ask(["sh020"], mask=str(tmp_path / "mask.png"))
    kept = mask_file(rendered.store, "sh020", ask.mask.sha256)
    take = rendered.store.folder / "shots/sh020/takes/t001/take.json"
    record = json.loads(take.read_text())
    record["recipe"]["mask"] = ask.mask.recipe
    take.write_text(json.dumps(record))
    return kept


def test_a_mask_as_it_was_taken_in_is_well(rendered, masked):
    assert rows(rendered) == []


@pytest.mark.parametrize(("harm", "what"), [("painted over", "its sha256 differs"), ("gone", "it is gone")])
def test_a_mask_that_a_take_was_made_with_is_missed(rendered, masked, harm, what):
    if harm == "gone":
        masked.unlink()
    else:
        write_png(masked, np.zeros((3, 64, 96), np.float32))
    row = only(rendered)
    assert row["where"] == f"shots/sh020/masks/{masked.name}" and what in row["what"]
    assert row["what"].endswith("t001 was made with it") and not row["fixable"]
