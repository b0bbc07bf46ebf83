"""Folders of small clips whose measures are known by construction."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import MediaError, MissingError, UsageError
from v2v_studio.flow.dis import Dis
from v2v_studio.media.frames import write_png
from v2v_studio.metrics import inception
from v2v_studio.metrics.frechet import frechet_distance, moments
from v2v_studio.studio import evaluate as module
from v2v_studio.studio.evaluate import evaluate, metric_rows

SIZE = (3, 24, 32)


def keep(folder, *frames):
    """A clip as a folder of pictures, each of one grey or a picture."""
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames):
        write_png(folder / f"{t:04d}.png", np.broadcast_to(np.float32(frame), SIZE))


@pytest.fixture
def folders(tmp_path):
    """Clip a is as it should be; every frame of clip b is a fifth too bright."""
    for name, level in (("a", 0.2), ("b", 0.4)):
        keep(tmp_path / "made" / name, level, level, level)
        keep(tmp_path / "truth" / name, 0.2, 0.2, 0.2)
    return tmp_path / "made", tmp_path / "truth", tmp_path / "out.json"


@pytest.fixture
def measured(monkeypatch):
    """The clips that are opened, as they are."""
    opened, seen = module.opened, []
    monkeypatch.setattr(module, "opened", lambda path: seen.append(f"{path.parent.name}/{path.name}") or opened(path))
    return seen


@pytest.fixture
def no_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "models"


def test_clips_are_held_against_the_clips_of_their_names(folders):
    made, truth, out = folders
    found = evaluate(made, truth, ["psnr", "ssim"], out)
    assert found["clips"]["a"]["values"] == {"psnr": None, "ssim": pytest.approx(1)}
    assert found["clips"]["b"]["values"]["psnr"] == pytest.approx(-20 * np.log10(0.2), abs=0.01)
    assert found["mean"]["psnr"] == found["clips"]["b"]["values"]["psnr"]
    assert found["metrics"]["psnr"] == {"better": "higher", "unit": "dB", "source": found["metrics"]["psnr"]["source"]}
    assert json.loads(out.read_text()) == found


def test_what_was_measured_is_not_measured_again(folders, measured):
    made, truth, out = folders
    first = evaluate(made, truth, ["psnr", "ssim"], out)
    measured.clear()
    assert evaluate(made, truth, ["psnr", "ssim"], out) == first
    assert measured == []


def test_of_a_metric_that_is_new_only_it_is_measured(folders, measured, monkeypatch):
    from v2v_studio.metrics.fidelity import Psnr

    made, truth, out = folders
    evaluate(made, truth, ["psnr"], out)
    monkeypatch.setattr(Psnr, "open", lambda self, clip: pytest.fail("psnr was measured already"))
    found = evaluate(made, truth, ["psnr", "gmsd"], out)
    assert set(found["clips"]["b"]["values"]) == {"psnr", "gmsd"}


@pytest.mark.parametrize("side", [0, 1])
def test_a_clip_that_changed_is_measured_again_and_no_other(folders, measured, side):
    made, truth, out = folders
    evaluate(made, truth, ["psnr"], out)
    measured.clear()
    write_png(folders[side] / "a" / "0001.png", np.full(SIZE, 0.9, np.float32))
    assert evaluate(made, truth, ["psnr"], out)["clips"]["a"]["values"]["psnr"] is not None
    assert set(measured) == {"made/a", "truth/a"}


def test_with_another_flow_or_another_request_a_clip_is_measured_again(folders, measured, monkeypatch, tmp_path):
    made, truth, out = folders
    evaluate(made, truth, ["psnr"], out)
    measured.clear()
    monkeypatch.setattr(module, "estimator", lambda name: Dis())
    evaluate(made, truth, ["psnr"], out, flow="raft")
    assert len(measured) == 4
    measured.clear()
    (tmp_path / "about.json").write_text('{"b": {"prompt": "a light"}}')
    evaluate(made, truth, ["psnr"], out, tmp_path / "about.json", flow="raft")
    assert set(measured) == {"made/b", "truth/b"}


def test_a_run_that_was_stopped_goes_on_where_it_was(folders, measured):
    made, truth, out = folders

    def stop(done, total):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(made, truth, ["psnr"], out, on_progress=stop)
    assert set(measured) == {"made/a", "truth/a"}
    measured.clear()
    resumed = evaluate(made, truth, ["psnr"], out)
    assert set(measured) == {"made/b", "truth/b"}
    assert resumed == evaluate(made, truth, ["psnr"], out.with_name("whole.json"))


def test_single_clips_are_held_against_each_other_whatever_they_are_called(folders):
    made, truth, out = folders
    assert evaluate(made / "b", truth / "a", ["psnr"], out)["mean"]["psnr"] == pytest.approx(13.98, abs=0.01)


def test_a_metric_that_needs_no_reference_does_without(folders):
    made, _, out = folders
    found = evaluate(made, None, ["temporal_flickering", "displacement"], out)
    assert found["mean"] == {"temporal_flickering": 1, "displacement": 0}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "name at least one metric"),
        (["pnsr"], "unknown metric 'pnsr'. Did you mean 'psnr'"),
        (["drag_error"], "metric 'drag_error' needs drags, and there are none for a"),
        (["ao"], "metric 'ao' needs boxes"),
    ],
)
def test_what_is_not_there_is_asked_for(folders, names, message):
    made, truth, out = folders
    with pytest.raises(UsageError, match=message):
        evaluate(made, truth, names, out)
    assert not out.exists()


def test_without_a_reference_it_is_asked_for(folders):
    with pytest.raises(UsageError, match="'psnr' needs a reference"):
        evaluate(folders[0], None, ["psnr"], folders[2])


def test_a_model_that_is_missing_is_named_with_the_command_that_brings_it(folders, no_weights):
    made, truth, out = folders
    models = {"lpips": "alexnet", "fvd": "i3d", "fid": "inception-2015", "clip_frames": "clip-vit-b32"}
    for metric, model in models.items():
        with pytest.raises(MissingError, match=f"metric '{metric}': .*v2v models fetch {model}"):
            evaluate(made, truth, [metric], out)
    assert not out.exists()


def test_an_axis_that_cannot_be_measured_says_why(folders):
    with pytest.raises(MissingError, match=r"'motion_smoothness' needs AMT, .*--vbench"):
        evaluate(folders[0], folders[1], ["motion_smoothness"], folders[2])


def test_clips_that_do_not_fit_are_refused(folders):
    made, truth, out = folders
    write_png(made / "a" / "0003.png", np.zeros(SIZE, np.float32))
    with pytest.raises(UsageError, match=r"made/a has 4 frames of 32x24 and .*truth/a 3 frames of 32x24"):
        evaluate(made, truth, ["psnr"], out)


def test_a_clip_without_a_reference_is_named(folders):
    made, truth, out = folders
    keep(made / "c", 0.5)
    with pytest.raises(UsageError, match="no reference for c; "):
        evaluate(made, truth, ["psnr"], out)


def test_another_file_is_not_written_over(folders):
    made, truth, out = folders
    for text in ("{}", "a diary", '{"schema": "v2v.take/1"}'):
        out.write_text(text)
        with pytest.raises(UsageError, match="is no evaluation; give another name"):
            evaluate(made, truth, ["psnr"], out)
        assert out.read_text() == text


def test_a_damaged_clip_is_one_sentence(folders):
    made, truth, out = folders
    (made / "a" / "0001.png").write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"0001\.png"):
        evaluate(made, truth, ["psnr"], out)


@pytest.fixture
def toy_inception(no_weights, monkeypatch):
    """In place of Inception: the mean and the spread of a frame, and two classes, dark and light; counts what it sees."""
    calls = []

    def seen(frame):
        calls.append(1)
        light = 20 * (float(frame.mean()) > 0.3)
        return np.float32([frame.mean(), frame[:, 0, 0].mean()]), np.float32([-light, light - 10])

    no_weights.mkdir()
    (no_weights / "inception-2015.pth").write_bytes(b"weights")
    monkeypatch.setattr(inception, "seen", seen)
    return calls


def test_a_distribution_is_of_all_clips_together(folders, toy_inception):
    made, truth, out = folders
    keep(made / "c", 0.6, 0.8)  # without a partner: distributions need none
    found = evaluate(made, truth, ["fid", "is"], out)
    levels = [0.2] * 3 + [0.4] * 3 + [0.6, 0.8]
    expected = frechet_distance(*(moments([np.float32([[v, v] for v in side])]) for side in (levels, [0.2] * 6)))
    assert found["mean"]["fid"] == pytest.approx(expected, abs=1e-4)  # pictures have 8 bits
    dark = 3 / 8
    assert found["mean"]["is"] == pytest.approx(np.exp(-dark * np.log(dark) - (1 - dark) * np.log(1 - dark)), rel=1e-3)


def test_features_of_a_distribution_are_kept_beside_the_file(folders, toy_inception):
    made, truth, out = folders
    first = evaluate(made, truth, ["fid"], out)
    assert len(toy_inception) == 2 * 3  # clip a is the very reference of both, and seen once for all three
    toy_inception.clear()
    assert evaluate(made, truth, ["fid"], out) == first and not toy_inception
    assert len(list(out.with_suffix(".features").iterdir())) == 2


def test_every_metric_is_listed_with_its_direction_its_source_and_what_it_needs(no_weights):
    rows = {row["name"]: row for row in metric_rows()}
    assert {"psnr", "ssim", "gmsd", "lpips", "fvd", "fid", "is", "clip_sim", "ao", "sr50", "sr75"} <= set(rows)
    for row in rows.values():
        assert row["absent"] or (row["about"] and row["source"] and row["better"] in ("higher", "lower", "neither"))
        assert set(row["needs"]) <= {"reference", "prompt", "boxes", "drags"}
    assert rows["fvd"]["fetch"] == "v2v models fetch i3d" and rows["psnr"]["fetch"] is None


def test_the_command_prints_a_table_and_the_mean(folders):
    made, truth, out = map(str, folders)
    done = CliRunner().invoke(cli, ["-q", "evaluate", made, truth, "--metrics", "psnr,gmsd", "--out", out])
    assert done.output.splitlines() == ["clip  psnr   gmsd", "a     -      0", "b     13.98  0", "mean  13.98  0"]


def test_the_list_names_what_is_missing(no_weights):
    shown = CliRunner().invoke(cli, ["evaluate", "--list"]).output
    assert "fvd" in shown and "(not here: v2v models fetch i3d)" in shown and "cannot be measured here: AMT" in shown
    rows = json.loads(CliRunner().invoke(cli, ["evaluate", "--list", "--json"]).stdout)
    assert {row["name"] for row in rows} >= {"psnr", "motion_smoothness"}


def test_the_folder_of_the_file_is_made(folders):
    made, truth, out = folders
    out = out.parent / "new" / "deep" / "out.json"
    evaluate(made, truth, ["psnr"], out)
    assert out.exists()


def test_json_is_all_that_is_on_stdout(folders):
    made, truth, out = map(str, folders)
    done = CliRunner().invoke(cli, ["evaluate", made, truth, "--metrics", "psnr", "--out", out, "--json"])
    assert json.loads(done.stdout)["clips"].keys() == {"a", "b"}
