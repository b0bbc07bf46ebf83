import json
import subprocess
import sys

import pytest

from v2v_studio.cli import VERBS

V2V = [sys.executable, "-m", "v2v_studio"]


def v2v(*arguments, cwd=None):
    return subprocess.run([*V2V, *map(str, arguments)], capture_output=True, text=True, cwd=cwd)


def test_help_imports_no_torch_and_no_stage():
    code = """
import sys
from v2v_studio.cli import cli
cli(["--help"], standalone_mode=False)
heavy = {"torch", "cv2", "numba", "av", "pydantic", "scenedetect"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_an_example(verb):
    from click.testing import CliRunner

    from v2v_studio.cli import cli

    said = CliRunner().invoke(cli, [verb, "--help"])
    assert said.exit_code == 0 and "Example: v2v" in said.output


def test_folder_that_is_no_project_ends_with_3_and_one_sentence(tmp_path):
    done = v2v("-C", tmp_path, "shots")
    assert done.returncode == 3 and done.stdout == ""
    assert (
        done.stderr.startswith("error: ")
        and "is not a v2v project" in done.stderr
        and len(done.stderr.splitlines()) == 1
    )


def test_footage_that_is_none_ends_with_1_and_one_sentence(tmp_path):
    (tmp_path / "clip.mp4").write_text("no film")
    v2v("init", tmp_path / "p")
    done = v2v("-C", tmp_path / "p", "ingest", tmp_path / "clip.mp4")
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


def test_unknown_translator_ends_with_2_and_a_suggestion(tmp_path, film):
    v2v("init", tmp_path / "p")
    done = v2v("-C", tmp_path / "p", "stylize", "--translator", "filter")
    assert done.returncode == 2 and "Did you mean 'filters'" in done.stderr


def test_missing_package_of_a_plugin_ends_with_4():
    from v2v_studio.errors import MissingError

    assert MissingError.exit_code == 4


@pytest.mark.slow
def test_whole_job_by_verbs(tmp_path, film):
    p = tmp_path / "p"
    assert v2v("init", p).returncode == 0
    assert [f["frames"] for f in json.loads(v2v("-C", p, "ingest", film, "--json").stdout)] == [36]
    shots = json.loads(v2v("-C", p, "cut", "--json").stdout)
    assert [(s["id"], s["start"], s["end"], s["status"]) for s in shots] == [
        ("sh010", 0, 12, "todo"),
        ("sh020", 12, 22, "todo"),
        ("sh030", 22, 36, "todo"),
    ]
    assert len(json.loads(v2v("-C", p, "stylize", "-p", "preset=poster", "--json").stdout)) == 3
    assert [row["what"] for row in json.loads(v2v("-C", p, "plan", "--draft", "--json").stdout)] == ["render"] * 3
    assert [row["what"] for row in json.loads(v2v("-C", p, "render", "--draft", "--json").stdout)] == ["rendered"] * 3
    assert [row["take"] for row in json.loads(v2v("-C", p, "takes", "--json").stdout)] == [
        "sh010/t001",
        "sh020/t001",
        "sh030/t001",
    ]
    assert v2v("-C", p, "review", "sh010/t001", "approve").stdout == "sh010/t001: approved, 0 notes\n"
    made = json.loads(v2v("-C", p, "assemble", "--json").stdout)
    assert made["exports"][0]["frames"] == 36 and made["timeline"].endswith("cut01.otio")
    assert json.loads(v2v("-C", p, "status", "--json").stdout)["statuses"] == {"approved": 1, "wip": 2}


def test_shots_json_is_one_list_even_when_there_are_none(tmp_path):
    v2v("init", tmp_path / "p")
    assert json.loads(v2v("-C", tmp_path / "p", "shots", "--json").stdout) == []


def test_options_of_a_choice_are_listed(tmp_path):
    rows = json.loads(v2v("options", "track", "restyle", "--json").stdout)
    assert "quality" in [row["option"] for row in rows]
