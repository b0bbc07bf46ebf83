import json

import numpy as np
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.cli.compare import summary
from v2v_studio.media.frames import write_png

SAME = {"frame": 1001, "difference": 0.0, "psnr": None}
APART = {"frame": 1002, "difference": 20.0, "psnr": 22.111}


def test_summary_names_the_frame_that_is_farthest_apart():
    made = {"path": "a.mp4", "frames": 2, "difference": 10.0, "psnr": 25.121, "rows": [SAME, APART]}
    assert summary(made) == (
        "a.mp4: mean difference 10.00 of 255, PSNR 25.1 dB; over 2 frames, "
        "at most at 1002: mean difference 20.00 of 255, PSNR 22.1 dB"
    )


def test_summary_of_what_agrees_is_short():
    made = {"path": "a.mp4", "frames": 1, "difference": 0.0, "psnr": None, "rows": [SAME]}
    assert summary(made) == "a.mp4: no difference"


def test_two_files_are_compared_outside_of_any_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, np.zeros((3, 8, 16), np.float32))
    done = CliRunner().invoke(cli, ["compare", "a.png", "b.png", "--layout", "difference"])
    assert done.output == "a_b_difference.png: no difference\n" and (tmp_path / "a_b_difference.png").exists()


def test_json_is_all_that_is_on_stdout(tmp_path):
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, np.zeros((3, 8, 16), np.float32))
    out = str(tmp_path / "out.png")
    done = CliRunner().invoke(
        cli, ["compare", str(tmp_path / "a.png"), str(tmp_path / "b.png"), "--out", out, "--json"]
    )
    assert done.exit_code == 0 and len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["path"] == out
