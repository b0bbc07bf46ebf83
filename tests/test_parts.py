"""Files in the making, and who makes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from v2v_studio import parts


def gone_process():
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_whole_file_takes_the_place_of_the_one_before(tmp_path):
    (tmp_path / "a").write_text("old")
    with parts.whole(tmp_path / "a") as part:
        part.write_text("new")
        assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_text() == "new"


def test_one_that_was_not_finished_leaves_the_one_before_and_nothing_beside_it(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(ZeroDivisionError), parts.whole(tmp_path / "a") as part:
        part.write_text("ne")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_text() == "old"


@pytest.fixture
def calls(monkeypatch):
    """What was synced, by its name at that time, and what was renamed."""
    seen, sync, replace = [], os.fsync, os.replace

    def synced(handle):
        seen.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")
        sync(handle)

    def replaced(part, path):
        seen.append(f"{part.name} is now {path.name}")
        replace(part, path)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return seen


@pytest.mark.skipif(sys.platform != "linux", reason="names of open files are asked of /proc")
def test_a_whole_file_is_synced_before_its_name_can_be_seen(tmp_path, calls):
    with parts.whole(tmp_path / "a") as part:
        part.write_text("new")
    assert calls == [f"sync {part.name}", f"{part.name} is now a", f"sync {tmp_path.name}"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of open files are asked of /proc")
def test_a_folder_is_settled_with_all_that_is_in_it(tmp_path, calls):
    part = tmp_path / "part"
    (part / "frames").mkdir(parents=True)
    (part / "frames" / "1.png").touch()
    (part / "take.json").touch()
    parts.settle(part, tmp_path / "t001")
    assert calls[-2:] == ["part is now t001", f"sync {tmp_path.name}"]
    assert sorted(calls[:-2]) == ["sync 1.png", "sync frames", "sync part", "sync take.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path):
    (tmp_path / "part").mkdir()
    os.mkfifo(tmp_path / "part" / "pipe")
    parts.settle(tmp_path / "part", tmp_path / "t001")
    assert (tmp_path / "t001" / "pipe").exists()


@pytest.mark.parametrize("name", ["shot.json", "a.b-c.mp4", "é 1-2.3.png"])
def test_a_part_is_abandoned_once_its_writer_has_ended(tmp_path, name):
    mine = parts.beside(tmp_path / name)
    its = mine.with_name(mine.name.replace(f"-{os.getpid()}.", f"-{gone_process()}."))
    assert (parts.abandoned(mine), parts.abandoned(its)) == (False, True)


def test_of_a_writer_on_another_machine_nothing_is_known_for_a_week(tmp_path, monkeypatch):
    part = tmp_path / f".a.json.{parts.host()}-{gone_process()}.part"
    part.touch()
    assert parts.abandoned(part)
    monkeypatch.setattr(parts, "host", lambda: "another")
    assert not parts.abandoned(part)
    os.utime(part, (0, 0))
    assert parts.abandoned(part)


def test_what_older_versions_and_others_left_by_name(tmp_path):
    assert parts.abandoned(tmp_path / f".a.json.{gone_process()}.part")
    for stranger in (".a.part", "a.json.part", ".part", f".a.{10**30}.part"):
        parts.abandoned(tmp_path / stranger)  # whatever the name: no error


def test_a_temporary_folder_is_known_by_its_process(tmp_path):
    with parts.passing("sound", tmp_path) as folder:
        name = os.path.basename(folder)  # noqa: PTH119
        assert name.startswith(".sound-") and not parts.abandoned(tmp_path / name)
        assert parts.abandoned(tmp_path / name.replace(f"-{os.getpid()}.", f"-{gone_process()}."))
