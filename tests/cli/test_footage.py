import click
import numpy as np
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.media.frames import write_png
from v2v_studio.studio import Studio


def test_footage_that_is_known_says_that_its_rate_stays(tmp_path):
    write_png(tmp_path / "still.png", np.zeros((3, 32, 48), np.float32))
    Studio.create(tmp_path / "p").ingest([tmp_path / "still.png"], rate="25")
    said = CliRunner().invoke(cli, ["-C", str(tmp_path / "p"), "ingest", str(tmp_path / "still.png"), "--rate", "12"])
    assert "a001 stays at 25 frames a second" in said.stderr


def test_files_or_a_blank_are_given_and_not_both(tmp_path):
    Studio.create(tmp_path / "p")
    said = CliRunner().invoke(cli, ["-C", str(tmp_path / "p"), "ingest", "x.png", "--blank", "16x16"])
    assert isinstance(said.exception, click.UsageError | SystemExit) and said.exit_code != 0
