import click
import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.cli.footage import checked_rate
from v2v_studio.media.frames import write_png
from v2v_studio.studio import Studio


@pytest.mark.parametrize(
    ("text", "rate"), [("25", "25"), ("24000/1001", "24000/1001"), ("12.5", "25/2"), ("1/100", "1/100"), (None, None)]
)
def test_a_rate_is_kept_as_a_fraction(text, rate):
    assert checked_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "-1", "abc", "1e9", "25/0", "nan", "inf", "1/101", ""])
def test_what_is_no_rate_is_refused_with_how_to_write_one(text):
    with pytest.raises(click.UsageError, match="is not a rate from 1/100 to 1000; write it as 25 or 24000/1001"):
        checked_rate(text)


def test_footage_that_is_known_says_that_its_rate_stays(tmp_path):
    write_png(tmp_path / "still.png", np.zeros((3, 32, 48), np.float32))
    Studio.create(tmp_path / "p").ingest([tmp_path / "still.png"], rate="25")
    said = CliRunner().invoke(cli, ["-C", str(tmp_path / "p"), "ingest", str(tmp_path / "still.png"), "--rate", "12"])
    assert "a001 stays at 25 frames a second" in said.stderr


def test_files_or_a_blank_are_given_and_not_both(tmp_path):
    Studio.create(tmp_path / "p")
    said = CliRunner().invoke(cli, ["-C", str(tmp_path / "p"), "ingest", "x.png", "--blank", "16x16"])
    assert isinstance(said.exception, click.UsageError | SystemExit) and said.exit_code != 0
