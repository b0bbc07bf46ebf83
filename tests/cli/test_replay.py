import json

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.recipes import png_text, read_recipe
from v2v_studio.studio import Studio


@pytest.fixture(scope="module")
def project(film, tmp_path_factory):
    studio = Studio.create(tmp_path_factory.mktemp("cli") / "myfilm")
    studio.ingest([film])
    studio.cut()
    studio.stylize(["sh010"], "filters", {"preset": "poster"})
    studio.render(studio.plan(["sh010"], options={"quality": "draft"}), workers=1)
    return studio.store.folder


@pytest.fixture
def frame(project):
    return project / "shots/sh010/takes/t001/frames/sh010_t001.1004.png"


def said(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_recipe_of_a_frame_is_that_of_its_take(project, frame):
    recipe = json.loads((project / "shots/sh010/takes/t001/take.json").read_text())["recipe"]
    assert json.loads(said("recipe", frame).stdout) == recipe
    assert json.loads(said("recipe", project / "shots/sh010/takes/t001", "--json").stdout) == recipe


def test_agreement_ends_with_0(project, frame):
    found = said("-q", "-C", project, "replay", frame)
    assert (found.exit_code, found.stdout) == (0, f"{frame}: agrees bit for bit (frame 1004)\n")


def test_difference_ends_with_1_and_names_the_stage(project, frame, tmp_path):
    changed = tmp_path / "sent.1004.png"
    write_png(changed, read_png(frame), png_text(read_recipe(frame) | {"footage": "e" * 64}))
    found = said("-q", "-C", project, "replay", changed)
    assert found.exit_code == 1
    assert found.stdout.startswith(f"{changed}: differs at footage: it was made from eeeeeeeeeeee, which is not here")
    row = json.loads(said("-q", "-C", project, "replay", changed, "--json").stdout)
    assert (row["agrees"], row["stage"]) == (False, "footage")
