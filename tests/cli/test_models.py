"""`v2v models` as a user meets it."""

# ruff: noqa: F811 - fixtures are imported and asked for by one name

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.models.conftest import folder, hub  # noqa: F401
from v2v_studio.cli import cli

pytestmark = pytest.mark.slow


@pytest.fixture
def v2v(folder, monkeypatch):
    """Runs a command in this process; the environment is as before afterwards."""

    def run(*arguments, **options):
        monkeypatch.setenv("HF_HUB_OFFLINE", "")
        return CliRunner().invoke(cli, arguments, **options)

    return run


@pytest.fixture
def process(hub):
    """Runs a command in a process of its own, against the hub of this machine."""

    def run(*arguments, **options):
        command = [sys.executable, "-m", "v2v_studio", *arguments]
        environment = os.environ | {"HF_ENDPOINT": hub.endpoint}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **options)

    return run


def test_the_list_says_what_for_how_large_which_licence_and_where(v2v, folder):
    (folder / "annotator-hed").mkdir()
    said = v2v("models", "list")
    head, *rows = said.stdout.splitlines()
    assert head.split() == ["name", "for", "size", "licence", "where"]
    lines = {row.split()[0]: row for row in rows}
    assert lines["sd15"].endswith("not here")
    assert "~5.5 GB" in lines["sd15"] and "CreativeML OpenRAIL-M" in lines["sd15"]
    assert lines["annotator-hed"].endswith(str(folder / "annotator-hed"))
    assert "cannot be used: its detector needs the package mediapipe" in lines["annotator-mediapipe-face"]
    assert "cannot be used: its detector needs the mm* packages" in lines["annotator-dwpose"]


def test_the_list_as_json_is_one_list(v2v):
    rows = json.loads(v2v("models", "list", "--json").stdout)
    assert {"name", "for", "size", "licence", "where", "unavailable"} <= set(rows[0])


@pytest.mark.slow
def test_fetch_verify_and_rm_in_a_row(process, folder):
    first = process("models", "fetch", "owner/model", "--yes")
    assert (first.returncode, first.stdout) == (0, f"owner/model: {folder / 'owner--model'}\n")
    for told in ("owner/model, revision c0ffee", "licence: mit", "2 files, 10.3 KB; ", " are free", "into "):
        assert told in first.stderr
    again = process("models", "fetch", "owner/model", "--yes")
    assert (again.stdout, again.stderr) == (first.stdout, "owner/model was there already\n")

    (folder / "owner--model" / "config.json").write_bytes(b'{"layers": 3}')
    broken = process("models", "verify")
    assert broken.returncode == 1
    assert "config.json: other bytes than were fetched" in broken.stdout
    assert process("models", "rm", "owner/model", "--yes").returncode == 0
    assert not (folder / "owner--model").exists()


def test_without_a_terminal_and_without_yes_nothing_is_fetched(process, hub):
    said = process("models", "fetch", "owner/model", stdin=subprocess.DEVNULL)
    assert said.returncode == 2
    assert "if you accept it: v2v models fetch owner/model --yes" in said.stderr
    assert hub.asked == []


def test_rm_without_a_terminal_wants_yes(v2v, folder):
    (folder / ".sd15.fetching").mkdir()
    said = v2v("models", "rm", "sd15")
    assert "if you mean it: v2v models rm sd15 --yes" in str(said.exception)
    assert (folder / ".sd15.fetching").exists()


def test_offline_ends_with_4_and_says_what_to_do(process, hub):
    hub.down = True
    said = process("--offline", "models", "fetch", "sd15", "--yes")
    assert said.returncode == 4
    assert said.stderr.startswith("error: sd15 is not on this machine and the network is not to be used (--offline or")
    assert said.stderr.count("\n") == 1


def test_offline_is_set_before_the_hubs_library_is_imported():
    program = (
        "from v2v_studio.cli import cli\n"
        "cli(['--offline', 'models', 'list'], standalone_mode=False)\n"
        "from huggingface_hub import constants\n"
        "assert constants.HF_HUB_OFFLINE"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_an_unknown_name_says_what_is_close(v2v):
    said = v2v("models", "fetch", "sd51", "--yes")
    assert "no model 'sd51'. Did you mean 'sd15'?" in str(said.exception)


def test_verify_with_nothing_fetched_says_so(v2v):
    said = v2v("models", "verify")
    assert (said.exit_code, said.stdout) == (0, "")
    assert "no model was fetched yet" in said.stderr


@pytest.mark.slow
def test_convert_names_what_it_made(v2v, tmp_path):
    import torch

    torch.save({"weight": torch.zeros(2, 3)}, tmp_path / "style.ckpt")
    said = v2v("models", "convert", str(tmp_path / "style.ckpt"))
    assert said.stdout == f"{tmp_path / 'style.safetensors'}: 1 tensors\n"
    assert said.stderr.count("sha256 ") == 2
