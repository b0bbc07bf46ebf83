"""`v2v stylize` as typed."""

import json

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.studio import Studio


@pytest.fixture(scope="module")
def project(film, tmp_path_factory):
    """Three shots, the first of them with a look."""
    folder = tmp_path_factory.mktemp("looks") / "myfilm"
    studio = Studio.create(folder)
    studio.ingest([film])
    studio.cut()
    studio.stylize(["sh010"], "filters", {"preset": "poster"})
    return folder


def v2v(project, *words):
    return CliRunner().invoke(cli, ["-C", str(project), *words])


def test_palette_distance_stands_in_the_table(project):
    result = v2v(project, "stylize", "--like", "sh010/ff001", "sh020")
    head, row = result.stdout.splitlines()
    assert head.endswith("  palette distance")
    assert row.startswith("sh020/ff001")
    assert float(row.split()[-1]) > 0


def test_palette_distance_and_model_are_in_the_json(project):
    (made,) = json.loads(v2v(project, "stylize", "--like", "sh010/ff001", "sh030", "--json").stdout)
    assert made["like"]["first_frame"] == "sh010/ff001"
    assert made["like"]["palette_distance"] > 0


def test_table_of_a_look_of_one_s_own_has_no_distance(project):
    result = v2v(project, "stylize", "sh010", "-p", "preset=poster")
    assert "palette distance" not in result.stdout


def test_like_beside_a_translator_is_refused(project):
    result = v2v(project, "stylize", "--like", "sh010/ff001", "--translator", "filters", "sh020")
    assert isinstance(result.exception, UsageError)
    assert "leave out --like" in str(result.exception)
