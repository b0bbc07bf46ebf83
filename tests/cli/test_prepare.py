"""`v2v train prepare` as a user meets it."""

import json

import pytest
from click.testing import CliRunner

from tests.training.conftest import drawn
from v2v_studio.cli import cli
from v2v_studio.errors import UsageError

TINY = ("--frames", "2", "--stride", "1", "--size", "32x24", "--flow", "none", "--detector", "fixed")


def v2v(*arguments):
    return CliRunner().invoke(cli, ["train", "prepare", *map(str, arguments)])


@pytest.fixture
def clips(tmp_path):
    for name in ("cat", "fox"):
        drawn(tmp_path / "clips" / name, 4)
    (tmp_path / "clips" / "torn.mp4").write_bytes(b"nothing")
    return tmp_path / "clips"


def test_it_says_what_was_made_and_what_was_passed_over(clips, tmp_path):
    done = v2v(clips, tmp_path / "out", *TINY, "--per-shard", 3)
    assert done.stdout == f"4 samples of 3 clips in 2 shards: {tmp_path / 'out'}\n"
    assert done.stderr.startswith("passed over torn: ")


def test_json_is_one_object_and_a_run_that_is_done_says_the_same(clips, tmp_path):
    first, again = (json.loads(v2v(clips, tmp_path / "out", *TINY, "--json").stdout) for _ in range(2))
    assert first == again and first["samples"] == 4 and list(first["skipped"]) == ["torn"]


@pytest.mark.parametrize("part", ["2", "a/b", "1/"])
def test_a_part_is_two_numbers(clips, tmp_path, part):
    done = v2v(clips, tmp_path / "out", "--part", part)
    assert done.exit_code == 2 and "write it as 2/8" in done.output


@pytest.mark.parametrize(("option", "value"), [("--detector", "adaptiv"), ("--size", "8")])
def test_an_option_that_is_none_is_said(clips, tmp_path, option, value):
    done = v2v(clips, tmp_path / "out", option, value)
    assert isinstance(done.exception, UsageError) or done.exit_code == 2
    assert not (tmp_path / "out").exists()
