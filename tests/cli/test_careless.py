"""What careless users do: each gets what they meant, or one sentence and the right exit code."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli, main
from v2v_studio.media.frames import write_png

pytestmark = pytest.mark.slow

QUICK = ["-p", "preset=poster", "--draft", "--workers", "1"]


def v2v(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def ended(monkeypatch, capsys, *arguments):
    """Exit code and what was said on stderr, as a shell sees it."""
    monkeypatch.setattr(sys, "argv", ["v2v", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code, capsys.readouterr().err


@pytest.fixture(scope="module")
def made_once(film, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "p"
    assert v2v("-C", folder, "run", film, *QUICK).exit_code == 0
    return folder


@pytest.fixture
def made(made_once, tmp_path):
    return shutil.copytree(made_once, tmp_path / "p")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_names_with_spaces_signs_and_newlines_work(film, tmp_path):
    odd = tmp_path / "my fïlm\nnew # 50%d"
    odd.mkdir()
    shutil.copy(film, odd / "clïp (1)%03d.mp4")
    done = v2v("-C", odd / "prøj", "run", odd / "clïp (1)%03d.mp4", *QUICK)
    assert done.exit_code == 0 and (odd / "prøj" / "exports" / "cut01.mp4").exists()


def test_a_name_cannot_forge_a_second_line_or_obey_the_terminal(monkeypatch, capsys, tmp_path):
    (tmp_path / "a\nall is well\x1b[2J.mp4").write_bytes(b"no video")
    v2v("init", tmp_path / "p")
    code, said = ended(monkeypatch, capsys, "-C", tmp_path / "p", "ingest", tmp_path / "a\nall is well\x1b[2J.mp4")
    assert code == 1 and len(said.splitlines()) == 1 and "a\\nall is well\\x1b[2J.mp4 is not a video" in said


def test_without_a_folder_the_project_is_named_after_the_footage(film, here):
    shutil.copy(film, here / "clip.mp4")
    assert v2v("run", "clip.mp4", *QUICK).exit_code == 0
    assert (here / "clip" / "project.json").exists()


def test_inside_a_project_that_project_is_used(film, made, monkeypatch):
    monkeypatch.chdir(made)
    assert "3 reused" in v2v("run", film, *QUICK).output
    assert not Path(film.stem).exists()


def test_project_is_not_put_among_the_pictures_of_the_footage(here):
    (here / "frames").mkdir()
    done = v2v("run", "frames", *QUICK)
    assert done.exit_code == 2 and "name the project's folder" in done.output
    assert list((here / "frames").iterdir()) == []


def test_footage_that_is_not_there_leaves_no_folder_behind(here):
    assert v2v("run", "nothing.mp4").exit_code == 2
    assert list(here.iterdir()) == []


def test_folder_of_clips_is_one_project(film, tmp_path):
    (tmp_path / "clips").mkdir()
    for name in ("a.mp4", "b.mov"):
        shutil.copy(film, tmp_path / "clips" / name)
    with open(tmp_path / "clips" / "b.mov", "ab") as file:
        file.write(b"\0\0\0\x08free")  # else it is the same footage
    done = v2v("-C", tmp_path / "p", "run", tmp_path / "clips", *QUICK)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "p" / "exports").glob("*.mp4")) == [
        "cut01_a001.mp4",
        "cut01_a002.mp4",
    ]


def test_project_that_moved_away_from_its_footage_says_so(film, tmp_path, monkeypatch, capsys):
    shutil.copy(film, tmp_path / "clip.mp4")
    assert v2v("-C", tmp_path / "p", "run", tmp_path / "clip.mp4", *QUICK).exit_code == 0
    (tmp_path / "deep").mkdir()
    moved = shutil.move(tmp_path / "p", tmp_path / "deep" / "p")
    code, said = ended(monkeypatch, capsys, "-C", moved, "assemble")
    assert (code, len(said.splitlines())) == (3, 1) and "../clip.mp4 does not exist; put it back" in said
    assert v2v("-C", moved, "ingest", tmp_path / "clip.mp4").exit_code == 0
    assert "36 of them styled" in v2v("-C", moved, "assemble").output


def test_notes_on_the_footage_are_told_by_run_unless_quiet(here):
    (here / "frames").mkdir()
    for index in range(2):
        write_png(here / "frames" / f"{index}.png", np.random.default_rng(index).random((3, 32, 48), np.float32))
    told = v2v("-C", "p", "run", "frames", *QUICK)
    assert told.exit_code == 0 and told.stderr == "a001: Pictures carry no rate: taken at 24 frames per second.\n"
    assert v2v("-q", "-C", "p", "run", "frames", *QUICK).stderr == ""


def test_render_says_why_a_shot_is_skipped(made):
    v2v("-C", made, "trim", "sh010", "1003:1010")
    assert "sh010: its first frame was made of frame 999, outside the shot" in v2v("-C", made, "render", "sh010").stderr


def test_folders_that_were_lost_because_they_were_empty_are_made_again(made):
    for name in ("exports", "edits", "jobs", "cache"):
        shutil.rmtree(made / name)
    assert v2v("-C", made, "render", "sh010", "--draft", "--again").exit_code == 0
    assert v2v("-C", made, "assemble").exit_code == 0


def test_verb_before_its_time_says_which_comes_first(tmp_path, monkeypatch, capsys):
    v2v("init", tmp_path / "p")
    for verb in ("cut", "stylize", "plan", "render", "assemble"):
        code, said = ended(monkeypatch, capsys, "-C", tmp_path / "p", verb)
        assert code == 3 and len(said.splitlines()) == 1 and "with: v2v " in said


def test_missing_option_of_a_translator_is_named(made, monkeypatch, capsys):
    code, said = ended(monkeypatch, capsys, "-C", made, "stylize", "sh010", "--translator", "painted")
    assert code == 2 and said == "error: translator 'painted' needs option 'file'; give it with: -p file=...\n"


def test_folder_that_may_not_be_written_is_named(made, monkeypatch, capsys):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(made / "edits"))

    monkeypatch.setattr("v2v_studio.project.store.write_bytes", refuse)
    code, said = ended(monkeypatch, capsys, "-C", made, "assemble")
    assert code == 1 and len(said.splitlines()) == 1 and "Permission denied" in said and "edits" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["shots"],
        ["split", "sh010", "1005"],
        ["trim", "sh010", "1002:1005"],
        ["merge", "sh010", "sh020"],
        ["disable", "sh010"],
        ["cut", "--again"],
        ["stylize", "sh010"],
        ["plan"],
        ["render", "--dry-run"],
        ["render", "--draft", "--again", "sh020"],
        ["jobs"],
        ["takes"],
        ["assemble"],
        ["options", "track"],
    ],
    ids=" ".join,
)
def test_json_is_all_that_is_on_stdout(made, arguments):
    done = v2v("-C", made, *arguments, "--json")
    assert done.exit_code == 0 and len(done.stdout.splitlines()) == 1
    json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_stopped_render_ends_with_130_one_sentence_and_no_process_left(tmp_path, sign):
    project, stills = tmp_path / "p", [tmp_path / "a.png", tmp_path / "b.png"]
    for seed, still in enumerate(stills):
        write_png(still, np.random.default_rng(seed).random((3, 64, 96), np.float32))
    held = ["ingest", *stills, "--frames", "200"]  # so long that no machine is done before it is stopped
    for arguments in (["init", project], held, ["cut"], ["stylize", "-p", "preset=poster"]):
        assert v2v(*([] if arguments[0] == "init" else ["-C", project]), *arguments).exit_code == 0
    command = [sys.executable, "-m", "v2v_studio", "-C", str(project), "render", "--workers", "2"]
    running = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(project.glob("shots/*/takes/.partial*/frames/*.png")):
        assert running.poll() is None
    os.kill(running.pid, sign)
    out, said = running.communicate()
    assert (running.returncode, out) == (130, "")
    assert said.strip() == "error: stopped; run the same command again to go on"
    deadline = time.monotonic() + 5  # the last worker may still be on its way out when its parent has gone
    while alive(running.pid) and time.monotonic() < deadline:
        pass
    assert not alive(running.pid)
    assert {row["state"] for row in json.loads(v2v("-C", project, "jobs", "--json").stdout)} <= {"done", "cancelled"}
    assert v2v("-C", project, "render", "--workers", "1").exit_code == 0
    assert not list(project.glob("shots/*/takes/.partial*"))


def alive(group):
    """Whether a process of the group runs; one that ended and waits to be reaped does not."""
    if shutil.which("ps") is None:
        pytest.skip("no ps to list processes with")
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True).stdout.splitlines()
    return [line for line in listed if line.split()[0] == str(group) and not line.split()[1].startswith("Z")]


@pytest.mark.parametrize("verb", ["stylize", "render", "plan"])
def test_a_seed_below_nought_is_refused(verb, tmp_path):
    v2v("init", tmp_path / "p")
    done = v2v("-C", tmp_path / "p", verb, "--seed", "-1")
    assert done.exit_code == 2 and "-1" in done.output
