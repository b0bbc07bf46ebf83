"""What goes, in which order, and what stays whatever its size.

Takes of a known size: each of two frames of 1000 bytes, beside records that are a few hundred bytes long.
"""

import json
import os

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.cli.upkeep import parse_bytes, size
from v2v_studio.project.records import FirstFrame, Footage, Job, Shot, Take
from v2v_studio.studio.gc import Disk

EVERYTHING = 0  # a budget that nothing fits


@pytest.fixture
def project(empty):
    """One shot, no takes."""
    store = empty.store
    store.add_footage(
        lambda name: Footage(
            id=name, path="a.mp4", sha256="0" * 64, bytes=1, kind="video", frames=2, rate="24", width=8, height=8
        )
    )
    with store.cutting():
        store.add_shot(Shot(id="sh010", footage="a001", start=0, end=2))
    first = FirstFrame(
        shot="sh010", frame=0, size=(8, 8), translator="painted", fingerprint="0" * 64, sha256="0" * 64, created="now"
    )
    store.add_first_frame(first, lambda path: path.write_bytes(b"picture"))
    return empty


@pytest.fixture
def add(project):
    """add(status, created, parent): a take; with `parent`, its frame 1001 is hard-linked from there."""

    def make(status="pending", created=1, parent=None):
        count = len(project.store.takes("sh010")) + 1
        mark = f"{count:064x}"
        with project.store.open_partial("sh010", mark) as partial:
            for number in (1001, 1002):
                partial.frame(number).write_bytes(bytes(1000))
            if parent:
                partial.frame(1001).unlink()
                os.link(project.store.take_frame(project.store.take("sh010", parent), 0), partial.frame(1001))
            take = partial.commit(
                Take(
                    shot="sh010",
                    first_frame="ff001",
                    size=(8, 8),
                    start=0,
                    first=0,
                    last=2,
                    anchor=0,
                    fingerprint=mark,
                    parent=parent,
                    created=f"2030-01-{created:02d}",
                )
            )
        if status != "pending":
            project.store.change_review("sh010", take.id, lambda review: review.changed(status=status))
        return take.id

    return make


def cached(project, name, age):
    path = project.store.folder / f"cache/flow/{name}/1.flow"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(500))
    os.utime(path, (1000 - age, 1000 - age))
    return path


def gone(made):
    return [row["where"].rpartition("/")[2] for row in made.gone]


def there(project):
    return [take.id for take in project.store.takes("sh010")]


def test_nothing_goes_while_the_project_is_within_its_budget(project, add):
    add("rejected"), add(), cached(project, "a", 1)
    made = project.gc(10**9)
    assert made.gone == [] and made.before == made.after


def test_cache_goes_first_then_rejected_then_pending_each_oldest_first(project, add):
    for status, created in (("pending", 4), ("pending", 3), ("rejected", 2), ("rejected", 1), ("pending", 5)):
        add(status, created)
    cached(project, "new", 1), cached(project, "old", 2)
    project.store.select("sh010", take="t005")
    assert gone(project.gc(EVERYTHING)) == ["old", "new", "t004", "t003", "t002", "t001"]
    assert there(project) == ["t005"]


def test_no_more_goes_than_has_to(project, add):
    old, new = cached(project, "old", 2), cached(project, "new", 1)
    made = project.gc(Disk(project.store.folder).bytes - 400)
    assert gone(made) == ["old"] and made.before - made.after == 500
    assert not old.exists() and new.exists()


def test_a_dry_run_tells_the_same_and_deletes_nothing(project, add):
    add("rejected"), add(), add(), cached(project, "a", 1)
    told = project.gc(EVERYTHING, dry_run=True)
    assert there(project) == ["t001", "t002", "t003"]
    made = project.gc(EVERYTHING)
    assert gone(made) == gone(told) == ["a", "t001", "t002"] and made.after == told.after


def test_what_is_said_to_be_freed_is_freed(project, add):
    add("rejected"), add("rejected"), add()
    before = Disk(project.store.folder).bytes
    made = project.gc(EVERYTHING)
    assert made.before == before and made.after == Disk(project.store.folder).bytes
    assert sum(row["bytes"] for row in made.gone) == before - made.after


def test_an_approved_take_stays(project, add):
    add("approved"), add()
    assert gone(project.gc(EVERYTHING)) == []


def test_the_selected_take_stays_even_rejected(project, add):
    add("rejected"), add("rejected"), add()
    project.store.select("sh010", take="t001")
    made = project.gc(EVERYTHING)
    assert gone(made) == ["t002"] and made.held["shots/sh010/takes/t001"] == "it is selected"


def test_a_take_that_an_edit_mentions_stays(project, add):
    add("rejected"), add("rejected"), add()
    url = "../shots/sh010/takes/t002/frames/"
    (project.store.folder / "edits/mine.otio").write_text(json.dumps({"target_url_base": url}))
    made = project.gc(EVERYTHING)
    assert gone(made) == ["t001"] and made.held["shots/sh010/takes/t002"] == "it is in edits/mine.otio"


def test_what_the_next_edit_would_show_stays(project, add):
    add(), add("rejected")
    made = project.gc(EVERYTHING)
    assert made.held["shots/sh010/takes/t001"] == "it is what the next edit would show"


def test_the_last_take_stays_so_that_no_number_is_given_twice(project, add):
    add("rejected"), add("rejected")
    assert gone(project.gc(EVERYTHING)) == ["t001"]
    assert add() == "t003"


def test_takes_of_a_shot_being_rendered_stay(project, add):
    add("rejected"), add()
    project.store.add_job(Job(shot="sh010", state="running", pid=os.getpid(), host=os.uname().nodename))
    assert gone(project.gc(EVERYTHING)) == []


def test_the_parent_of_a_take_that_stays_stays(project, add):
    add("rejected"), add("approved", parent="t001"), add()
    made = project.gc(EVERYTHING)
    assert gone(made) == [] and made.held["shots/sh010/takes/t001"] == "t002 has frames of it"


def test_a_parent_goes_once_its_child_has_gone(project, add):
    add("rejected", 1), add("rejected", 2, parent="t001"), add()
    assert gone(project.gc(EVERYTHING)) == ["t002", "t001"]


def test_a_frame_with_two_names_is_freed_with_the_last(project, add):
    """The child frees its own frame and its records; the parent, gone after it, two frames and its records."""
    add("rejected", 1), add("rejected", 2, parent="t001"), add()
    folder = project.store.folder / "shots/sh010/takes"
    records = {
        name: sum((folder / name / f).stat().st_size for f in ("take.json", "review.json")) for name in ("t001", "t002")
    }
    child, parent = project.gc(EVERYTHING, dry_run=True).gone
    assert child["bytes"] == 1000 + records["t002"] and parent["bytes"] == 2000 + records["t001"]


def test_a_frame_that_has_a_name_outside_the_project_frees_nothing(project, add, tmp_path):
    add("rejected"), add()
    for frame in (0, 1):
        os.link(project.store.take_frame(project.store.take("sh010", "t001"), frame), tmp_path / f"kept{frame}")
    (row,) = project.gc(EVERYTHING).gone
    assert row["bytes"] < 2000


def test_a_take_approved_between_the_plan_and_the_deed_stays(project, add, monkeypatch):
    add("rejected"), add()
    chosen = project._removed

    def approved_first(take):
        project.store.change_review("sh010", take.id, lambda review: review.changed(status="approved"))
        return chosen(take)

    monkeypatch.setattr(project, "_removed", approved_first)
    assert gone(project.gc(EVERYTHING)) == [] and there(project) == ["t001", "t002"]


def test_a_kill_while_a_take_is_deleted_leaves_no_half_take(project, add, monkeypatch):
    """Killed right after the rename: no take is there, and the next run clears what is left."""
    add("rejected"), add()

    def killed(path, **_):
        if path.exists():
            raise KeyboardInterrupt

    monkeypatch.setattr("v2v_studio.project.store.shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        project.gc(EVERYTHING)
    monkeypatch.undo()
    takes = project.store.folder / "shots/sh010/takes"
    assert there(project) == ["t002"] and (takes / ".trash-t001").exists()
    project.gc(10**9)
    assert not (takes / ".trash-t001").exists()


def test_links_are_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "big").write_bytes(bytes(10**6))
    (tmp_path / "in/link").symlink_to(tmp_path / "big")
    (tmp_path / "in/real").write_bytes(bytes(100))
    assert Disk(tmp_path / "in").bytes < 100 + 4096  # a link is as long as what it says


@pytest.mark.parametrize(
    ("text", "count"), [("20GB", 20 * 10**9), ("1.5 tb", 15 * 10**11), ("500M", 5 * 10**8), ("0", 0), ("4096", 4096)]
)
def test_sizes_are_read_as_people_write_them(text, count):
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "20 parsecs", "1e9"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(Exception, match="is not a size"):
        parse_bytes(text)


def test_sizes_are_told_in_the_unit_that_fits():
    assert [size(n) for n in (0, 999, 1000, 1234567, 20 * 10**9)] == [
        "0 bytes",
        "999 bytes",
        "1.0 KB",
        "1.2 MB",
        "20.0 GB",
    ]


def test_command_shows_what_goes_and_why_the_rest_stays(project, add):
    add("rejected"), add("rejected"), add()
    project.store.select("sh010", take="t002")
    made = CliRunner().invoke(cli, ["-C", str(project.store.folder), "gc", "--budget", "1KB"])
    assert made.exit_code == 0, made.output
    assert "rejected  shots/sh010/takes/t001" in made.stdout
    assert "shots/sh010/takes/t002: it is selected" in made.stderr


def test_command_gives_json(project, add):
    add("rejected"), add()
    made = CliRunner().invoke(cli, ["-C", str(project.store.folder), "gc", "--budget", "0", "--dry-run", "--json"])
    assert [row["where"] for row in json.loads(made.stdout)["gone"]] == ["shots/sh010/takes/t001"]
