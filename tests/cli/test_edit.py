"""`v2v assemble` and `v2v import` as a user types them."""

import json
import shutil

import opentimelineio as otio
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.cli.edit import next_commands
from v2v_studio.studio import Studio


@pytest.fixture(scope="module")
def project(film, tmp_path_factory):
    folder = tmp_path_factory.mktemp("edit") / "myfilm"
    studio = Studio.create(folder)
    studio.ingest([film], copy=True)
    studio.cut()
    return folder


@pytest.fixture
def v2v(project, tmp_path):
    """v2v(*words): run a verb in a copy of a project that is cut."""
    shutil.copytree(project, tmp_path / "myfilm")
    return lambda *words: CliRunner().invoke(cli, ["-C", str(tmp_path / "myfilm"), *map(str, words)])


def reordered(path):
    timeline = otio.adapters.read_from_file(str(path))
    picture = timeline.tracks[0]
    picture.append(picture.pop(0))
    otio.adapters.write_to_file(timeline, str(path.with_name("other.otio")))
    return path.with_name("other.otio")


def test_import_shows_what_it_did_and_what_is_left(v2v, tmp_path):
    v2v("assemble", "--otio")
    said = v2v("import", reordered(tmp_path / "myfilm" / "edits" / "cut01.otio"), "--name", "cut02")
    assert said.exit_code == 0
    assert said.output.splitlines() == [
        "shot   footage  from  to  frames  what   render",
        "sh020  a001     12    22  10      kept   10",
        "sh030  a001     22    36  14      kept   14",
        "sh010  a001     0     12  12      moved  12",
        "v2v render sh020 sh030 sh010",
        str(tmp_path / "myfilm" / "edits" / "cut02.otio"),
    ]


def test_dry_run_as_json(v2v, tmp_path):
    v2v("assemble", "--otio")
    said = v2v("import", tmp_path / "myfilm" / "edits" / "cut01.otio", "--dry-run", "--json")
    made = json.loads(said.output)
    assert made["edit"] is None and [row["what"] for row in made["rows"]] == ["kept"] * 3


def test_lists_are_named_with_what_they_lose(v2v, tmp_path):
    said = v2v("assemble", "--edl", "--fcpxml")
    assert said.exit_code == 0
    assert (tmp_path / "myfilm" / "exports" / "cut01.edl").is_file()
    assert "cut01.edl: takes that are not shown, recipes and sound are not in an EDL" in said.output
    assert not (tmp_path / "myfilm" / "exports" / "cut01.mp4").exists()


def test_new_shots_need_a_first_frame_before_they_render():
    rows = [
        {"shot": "sh010", "what": "trimmed", "render": 0},
        {"shot": "sh020", "what": "new, moved", "render": 5},
        {"shot": "sh030", "what": "extended", "render": 2},
    ]
    assert next_commands(rows) == ["v2v stylize sh020", "v2v render sh020 sh030"]
