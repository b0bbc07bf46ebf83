"""`v2v train` as a user meets it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("torch")

from tests.training.squares import clip
from v2v_studio.cli import Session
from v2v_studio.cli.train import train
from v2v_studio.errors import MissingError, UsageError
from v2v_studio.studio.prepare import prepare_shards
from v2v_studio.studio.train import train_recipe
from v2v_studio.training.data.cutting import PrepareParams
from v2v_studio.training.data.shards import ShardWriter
from v2v_studio.training.recipes import RECIPES

pytestmark = pytest.mark.slow

VAE = ("motion_i2v_flow_vae", "--config", "toy")
UNMARKED = [name for name in RECIPES.names() if not name.startswith("smcd")]  # SMCD is told where objects are


def v2v(*arguments):
    return CliRunner().invoke(train, [str(one) for one in arguments], obj=Session(Path(), False))


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    writer = ShardWriter(folder / "shard-000000.tar")
    for number in range(3):
        writer.add(clip(number))
    writer.keep()
    return folder


@pytest.fixture(scope="module")
def real(shared, tmp_path_factory):
    """Shards of two short clips of footage, motion by DIS."""
    clips = shared / "training-clips"
    if not clips.is_dir():
        pytest.skip("no shared/training-clips with real footage beside the checkout")
    folder = tmp_path_factory.mktemp("real")
    (folder / "clips").mkdir()
    for name in ("ballet.mp4", "boxing_fisheye.mp4"):  # of 16 frames
        shutil.copy(clips / name, folder / "clips")
    params = PrepareParams(frames=4, stride=2, every=1000, width=64, height=40, flow="dis", detector="fixed")
    prepare_shards(folder / "clips", folder / "shards", params=params)
    return folder / "shards"


@pytest.mark.parametrize("name", UNMARKED)
def test_every_recipe_trains_on_real_clips(real, tmp_path, name):
    last = train_recipe(name, [real], tmp_path / "run", 2, "toy", options={"batch": 2, "accumulation": 1}, device="cpu")
    assert 0 < last["loss"] < 10
    assert (tmp_path / "run/log.jsonl").read_text().count("\n") == 2


def test_it_says_what_was_done_and_goes_on_where_it_was(shards, tmp_path):
    out = tmp_path / "run"
    done = v2v(*VAE, "--data", shards, "--out", out, "--steps", 1, "-p", "learning_rate=0.001")
    assert done.stdout.startswith("1 steps of motion_i2v_flow_vae, loss 0.")
    assert done.stdout.endswith(f": {out}\n")
    assert json.loads((out / "run.json").read_text())["params"]["learning_rate"] == 0.001
    again = v2v(*VAE, "--data", shards, "--out", out, "--steps", 1, "-p", "learning_rate=0.001")
    assert again.stdout == f"1 steps of motion_i2v_flow_vae (they were done before): {out}\n"
    more = v2v(*VAE, "--data", shards, "--out", out, "--steps", 2, "-p", "learning_rate=0.001", "--json")
    assert json.loads(more.stdout)["steps"] == 2
    assert (out / "stage1/vae_flow/config.json").exists()


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("motion_i2v_stage9",), UsageError, "unknown recipe 'motion_i2v_stage9'. Did you mean 'motion_i2v_stage2'?"),
        (
            (*VAE, "-p", "bach=2"),
            UsageError,
            "unknown option of recipe 'motion_i2v_flow_vae' 'bach'. Did you mean 'batch'?",
        ),
        ((*VAE, "-p", "batch=0"), UsageError, "option 'batch' of recipe 'motion_i2v_flow_vae' is '0'"),
        ((*VAE, "--data", "nowhere"), UsageError, "there is no shard at nowhere; make some with: v2v train prepare"),
        ((*VAE, "-p", "start=nowhere"), MissingError, "there is no model 'nowhere'"),
    ],
)
def test_a_mistake_gets_one_sentence_and_leaves_nothing(shards, tmp_path, arguments, error, said):
    done = v2v(arguments[0], "--data", shards, "--out", tmp_path / "run", "--steps", 1, *arguments[1:])
    assert isinstance(done.exception, error)
    assert str(done.exception).startswith(said)
    assert not (tmp_path / "run").exists()


def test_recipes_are_listed():
    rows = json.loads(v2v("--json").stdout)
    assert [row["recipe"] for row in rows] == RECIPES.names()
    assert all(row["what"] and "(" not in row["what"] for row in rows)
    assert v2v().stdout.count("\n") == len(rows) + 1


@pytest.mark.parametrize("name", RECIPES.names())
def test_a_recipe_says_what_it_trains_and_lists_its_options(name):
    shown = v2v(name, "--help").stdout
    for part in ("Trained:", "Data:", "Loss:", "Left out", "Schedule:", "learning_rate=", "mini"):
        assert part in shown, part


def test_help_needs_no_torch():
    code = "import sys; from v2v_studio.cli.train import train; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
