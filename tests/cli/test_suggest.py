import json

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import write_png
from v2v_studio.studio import Studio
from v2v_studio.studio.survey import Survey


@pytest.fixture(scope="module")
def project(film, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "myfilm"
    studio = Studio.create(folder)
    studio.ingest([film])
    studio.cut()
    return folder


def suggest(project, *arguments):
    return CliRunner().invoke(cli, ["-C", str(project), "suggest", *map(str, arguments)])


def test_frames_are_listed_and_the_next_command_is_named(project):
    said = suggest(project, "sh020", "--count", 1)
    assert said.exit_code == 0
    head, row = said.stdout.splitlines()
    assert head.split() == ["frame", "covers", "unseen", "before", "after"]
    assert f"v2v stylize sh020 --frame {row.split()[0]}" in said.stderr
    assert "s of one core" in said.stderr


def test_json_is_one_list_on_stdout(project, tmp_path):
    said = suggest(project, "sh020", "--count", 1, "--json", "--picture", tmp_path / "coverage.png")
    (row,) = json.loads(said.stdout)
    assert set(row) == {"frame", "covers", "unseen_before", "unseen_after", "curve"}
    assert (tmp_path / "coverage.png").stat().st_size > 1000


def test_draft_is_the_quality_of_a_draft(project):
    said = [suggest(project, "sh020", "--json", *options) for options in (["--draft"], ["-p", "quality=draft"], [])]
    draft, the_same, final = (json.loads(one.stdout) for one in said)
    assert draft == the_same != final


def test_no_suggestions_cannot_be_asked_for(project):
    assert suggest(project, "sh020", "--count", 0).exit_code == 2


@pytest.mark.parametrize("name", ["curve.jpg", "nowhere/curve.png"])
def test_a_curve_that_cannot_be_written_is_refused_before_the_work(project, tmp_path, name, monkeypatch):
    monkeypatch.setattr(Survey, "look_from", None)
    with pytest.raises(UsageError, match=r"give a name that ends in \.png, in a folder that is there"):
        Studio(project).suggest("sh020", picture=tmp_path / name)


def test_a_curve_is_not_written_over_footage(project, tmp_path):
    still = tmp_path / "still.png"
    write_png(still, np.zeros((3, 32, 48), np.float32))
    Studio(project).ingest([still])
    with pytest.raises(UsageError, match="is the footage a002 and would be written over"):
        Studio(project).suggest("sh020", picture=still)
