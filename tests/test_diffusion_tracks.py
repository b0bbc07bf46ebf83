"""Motion-I2V's three tracks, from a release to takes, as a user comes to them; with weights drawn at random."""

import json
from itertools import islice

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.project.control import Control, Drag
from v2v_studio.studio import Studio

pytestmark = pytest.mark.slow
FAST = {"steps": 1, "guidance": 1, "prompt": "a boat"}


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    """The toy release, converted by the command."""
    from tests.models.motion_i2v.toy_release import toy_release

    folder = tmp_path_factory.mktemp("weights")
    toy_release(folder / "release")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("V2V_MODELS", str(folder / "models"))
        command = ["models", "convert", "motion-i2v", str(folder / "release")]
        result = CliRunner().invoke(cli, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert (folder / "models" / "motion-i2v" / "converted" / "stage2" / "unet" / "config.json").is_file()
        yield folder / "models"


@pytest.fixture
def still(tmp_path):
    """A photograph held for 20 frames."""
    from skimage import data

    write_png(tmp_path / "cat.png", data.chelsea()[:128, :192].transpose(2, 0, 1).astype(np.float32) / 255)
    studio = Studio.create(tmp_path / "film", (96, 64))
    studio.ingest([tmp_path / "cat.png"], held=20, rate="24")
    studio.cut()
    studio.stylize(translator="filters", options={"preset": "poster"})
    return studio


def shot_of(shared, name, folder, size=(64, 48)):
    studio = Studio.create(folder, size)
    studio.ingest([shared / "footage" / name])
    studio.cut()
    studio.stylize(["sh010"], translator="filters", options={"preset": "poster"})
    return studio


def take(studio, track, **options):
    rows = studio.render(studio.plan(["sh010"], track, FAST | options), workers=1)
    assert rows[0]["what"] == "rendered", rows
    made = studio.store.take("sh010", rows[0]["take"])
    files = [studio.store.take_frame(made, frame) for frame in range(made.first, made.last)]
    return made, files


@pytest.mark.parametrize("name", ["bear_walk.mp4", "car_turn.mp4"])
def test_restyle_diffusion_renders_every_frame_of_real_footage(shared, tmp_path, name):
    studio = shot_of(shared, name, tmp_path / "film")
    shot = studio.store.shot("sh010")
    made, files = take(studio, "restyle-diffusion", quality="draft")
    assert len(files) == shot.end - shot.start
    assert len(studio.metrics(made)["rows"]) == len(files) - 1
    assert all(read_png(file).shape[1:] == tuple(reversed(made.size)) for file in islice(files, 0, None, 20))


def test_a_render_that_was_stopped_goes_on_and_gives_the_bytes_of_one_go(still, monkeypatch):
    from v2v_studio.renderers.motion_i2v import Diffused

    _, whole = take(still, "animate")
    plain, windows = Diffused.render, []

    def stopped(self, window, motion, carry):
        windows.append(window.start)
        if window.start > 12:
            raise KeyboardInterrupt
        return plain(self, window, motion, carry)

    monkeypatch.setattr(Diffused, "render", stopped)
    with pytest.raises(KeyboardInterrupt):
        still.render(still.plan(["sh010"], "animate", FAST, again=True), workers=1)
    monkeypatch.setattr(Diffused, "render", lambda *given: windows.append(given[1].start) or plain(*given))
    rows = still.render(still.plan(["sh010"], "animate", FAST, again=True), workers=1)
    made = still.store.take("sh010", rows[0]["take"])
    again = [still.store.take_frame(made, frame) for frame in range(made.first, made.last)]
    assert windows == [1, 13, 13]
    assert [a.read_bytes() for a in again] == [b.read_bytes() for b in whole]


def test_animate_takes_a_still_and_its_preview_shows_the_same_motion_at_once(still, monkeypatch):
    from v2v_studio.motion.generate import OpenGenerated

    made, files = take(still, "animate")
    assert len(files) == 20 and still.metrics(made)["rows"]
    monkeypatch.setattr(OpenGenerated, "_generated", lambda self: pytest.fail("the motion is known already"))
    preview, _ = take(still, "animate-preview", quality="draft")
    visible = [[row["visible"] for row in still.metrics(one)["rows"]] for one in (made, preview)]
    assert visible[0] == visible[1]


def test_drag_follows_control_and_holds_still_what_the_brush_leaves_out(still, monkeypatch):
    from v2v_studio.motion.drag import OpenDragged

    with pytest.raises(UsageError, match="nothing is drawn on sh010"):
        still.plan(["sh010"], "drag", FAST)
    brush = np.zeros((3, 128, 192), np.float32)
    brush[:, :, 96:] = 1
    write_png(still.store.control_file("sh010").with_name("brush.png"), brush)
    drag = Drag(points=[(140, 60), (170, 60)])
    still.store.write_control("sh010", Control(width=192, height=128, drags=[drag], brush="brush.png"))
    plain, ways = OpenDragged.motion, []
    monkeypatch.setattr(OpenDragged, "motion", lambda *given: ways.append(plain(*given)) or ways[-1])
    assert len(take(still, "drag-preview", quality="draft")[1]) == 20
    made, files = take(still, "drag")
    assert len(files) == 20 and made.recipe["control"]
    assert not any(way.displacement[..., :47].any() for way in ways)  # what is not painted, but for a blurred edge
    assert all(way.displacement[..., 49:].any() for way in ways)
    assert still.replay(files[3]).agrees
    still.store.write_control("sh010", Control(width=192, height=128, drags=[drag]))
    assert still.plan(["sh010"], "drag", FAST)[0].reason == f"changed since {made.id}: control"


def test_a_draft_can_be_painted_over_in_a_portrait_picture(shared, tmp_path):
    studio = shot_of(shared, "car_turn.mp4", tmp_path / "film", (36, 64))
    studio.split("sh010", 1015)
    made, files = take(studio, "restyle-diffusion", quality="draft", init="embedded", strength=0.5, low_memory=True)
    assert len(files) == 14 and made.recipe["params"]["init"] == "embedded"


def test_a_take_can_be_made_again_from_its_recipe(still):
    _, files = take(still, "animate")
    assert still.replay(files[3]).agrees


def test_weights_that_only_a_recipe_names_are_not_opened(still, tmp_path):
    made, files = take(still, "animate")
    other = {**made.recipe, "params": {**made.recipe["params"], "model": str(tmp_path / "someone_elses")}}
    sent = tmp_path / files[3].name
    write_png(sent, read_png(files[3]), {"v2v": json.dumps(other)})
    assert still.replay(sent).stage == "weights"


def test_the_prompt_of_a_shot_is_used_and_changes_the_take(still):
    options = {key: value for key, value in FAST.items() if key != "prompt"}
    still.store.change_shot("sh010", lambda shot: shot.changed(prompt="a cat that purrs"))
    plan = still.plan(["sh010"], "animate", options)
    rows = still.render(plan, workers=1)
    recipe = still.store.take("sh010", rows[0]["take"]).recipe
    assert recipe["params"]["prompt"] == recipe["motion_params"]["prompt"] == "a cat that purrs"
    assert json.loads(json.dumps(recipe))["params"]["weights"]


def test_made_motion_cannot_be_remade_in_a_range(still):
    made, _ = take(still, "animate")
    ask = still.ask(["sh010"], parent=made.id, span="1005:1010")
    with pytest.raises(UsageError, match="track 'animate' does not follow the footage"):
        still.plan(["sh010"], "animate", FAST, ask=ask)


def test_motion_is_shown_before_any_rendering_and_the_render_uses_it(still, monkeypatch, tmp_path):
    from v2v_studio.motion.generate import OpenGenerated

    made = still.preview_motion("sh010", tmp_path / "motion.png", options=FAST, track="animate")
    assert made.path.is_file() and made.estimator == "animate"
    monkeypatch.setattr(OpenGenerated, "_generated", lambda self: pytest.fail("the motion is known already"))
    assert len(take(still, "animate")[1]) == 20
