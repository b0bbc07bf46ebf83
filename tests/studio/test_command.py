import json
import shlex

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import write_png

DRAFT = {"quality": "draft"}


def planned(command):
    """What the command would do, run as it is printed but for a look only."""
    program, *arguments = shlex.split(command)
    assert program == "v2v"
    done = CliRunner().invoke(cli, [*arguments, "--dry-run", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.output)
    return row


def test_the_command_of_a_take_finds_the_take(rendered):
    command = rendered.command("sh010/t001")
    assert command == (
        f"v2v -C {rendered.store.folder} render sh010 --track restyle --seed 0 -p quality=draft -p flow=dis "
        "--first-frame ff001"
    )
    assert planned(command)["what"] == "reuse"


def test_it_does_so_whatever_the_project_s_defaults_and_picks_are_by_now(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"})
    changed = rendered.store.project().defaults.changed(params={"quality": "final"}, seed=9)
    rendered.store.change_project(lambda project: project.changed(defaults=changed.plain()))
    assert planned("v2v -C " + shlex.join([str(rendered.store.folder), "render", "sh010"]))["what"] == "render"
    assert planned(rendered.command("sh010/t001"))["what"] == "reuse"


def test_of_several_first_frames_all_are_named(rendered):
    for number in (1001, 1010):
        rendered.stylize(["sh010"], "filters", {"preset": "poster"}, frame=number)
    ask = rendered.ask(["sh010"], first_frames=["ff001", "ff002"])
    rendered.render(rendered.plan(["sh010"], options=DRAFT, ask=ask), workers=1)
    assert "--first-frame ff001 --first-frame ff002" in rendered.command("sh010/t002")
    assert planned(rendered.command("sh010/t002"))["what"] == "reuse"


def test_of_a_remade_range_the_range_and_its_take_are_named(rendered):
    ask = rendered.ask(["sh010"], parent="t001", span="1004:1008")
    rendered.render(rendered.plan(["sh010"], options=DRAFT, seed=3, ask=ask), workers=1)
    assert "--seed 3" in rendered.command("sh010/t002") and "--from t001 --range 1004:1008" in rendered.command(
        "sh010/t002"
    )
    assert planned(rendered.command("sh010/t002"))["what"] == "reuse"


def test_of_a_masked_take_the_mask_is_named_as_the_project_keeps_it(rendered, tmp_path):
    white = np.zeros((3, 64, 96), np.float32)
    white[:, :, :48] = 1
    write_png(tmp_path / "left.png", white)
    ask = rendered.ask(["sh010"], mask=f"{tmp_path / 'left.png'}@1003", protect=True, feather=1.5)
    rendered.render(rendered.plan(["sh010"], options=DRAFT, ask=ask), workers=1)
    (tmp_path / "left.png").unlink()
    assert planned(rendered.command("sh010/t002"))["what"] == "reuse"


def test_a_folder_with_spaces_is_quoted(rendered, tmp_path):
    spaced = rendered.store.folder.rename(tmp_path / "my film; rm")
    assert planned(type(rendered)(spaced).command("sh010/t001"))["what"] == "reuse"


def test_every_frame_of_a_take_has_a_row_in_order_and_the_first_frame_is_not_measured(rendered):
    rendered.stylize(["sh020"], "filters", {"preset": "poster"}, frame=1006)
    rendered.render(rendered.plan(["sh020"], options=DRAFT), workers=1)
    rows = rendered.frame_rows("sh020/t002")
    assert [row["frame"] for row in rows] == list(range(1001, 1011))
    assert [row["frame"] for row in rows if row["temporal"] is None] == [1006]


def test_a_row_has_the_measures_of_its_frame(rendered):
    take = rendered.store.take("sh010", "t001")
    file = rendered.store.take_folder("sh010", "t001") / "metrics.json"
    metrics = json.loads(file.read_text())
    flag = {"measure": "colour_drift", "value": 1.0, "limit": 0.1, "frame": 4}
    file.write_text(json.dumps({**metrics, "flags": [flag]}))
    row = rendered.frame_rows("sh010/t001")[take.number(4) - 1001]
    (measured,) = [one for one in metrics["rows"] if one["frame"] == 4]
    assert row == {
        "frame": 1005,
        "visible": measured["visible"],
        "temporal": measured["temporal_difference_error"],
        "drift": measured["colour_drift"],
        "flagged": ["colour_drift"],
    }


@pytest.mark.parametrize("ask", ["command", "frame_rows"])
def test_a_name_that_is_no_take_is_refused(rendered, ask):
    with pytest.raises(UsageError, match="one is named like sh010/t001"):
        getattr(rendered, ask)("sh010")
    with pytest.raises(UsageError, match="there is no take 'sh010/t009'"):
        getattr(rendered, ask)("sh010/t009")
