"""ConsistI2V's track, from a release to takes, as a user comes to it; with weights drawn at random."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.studio import Studio

pytestmark = pytest.mark.slow
TRACK = "animate-consisti2v"
FAST = {"steps": 1, "guidance_text": 1, "prompt": "a boat"}


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    """The toy release, under its published layout."""
    pytest.importorskip("torch")
    from tests.models.consisti2v.toy_release import toy_release

    folder = tmp_path_factory.mktemp("weights")
    toy_release(folder / "consisti2v")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("V2V_MODELS", str(folder))
        yield folder


@pytest.fixture
def still(tmp_path):
    """A photograph, held: size, frames -> a project with a first frame of it."""
    from skimage import data

    def made(size=(96, 64), frames=16, name="film"):
        write_png(tmp_path / "cat.png", data.chelsea()[:192, :192].transpose(2, 0, 1).astype(np.float32) / 255)
        studio = Studio.create(tmp_path / name, size)
        cropped = tmp_path / f"{name}.png"
        write_png(cropped, read_png(tmp_path / "cat.png")[:, : 2 * size[1], : 2 * size[0]])
        studio.ingest([cropped], held=frames, rate="8")
        studio.cut()
        studio.stylize(translator="painted", options={"file": str(cropped)})
        return studio

    return made


def take(studio, track=TRACK, **options):
    rows = studio.render(studio.plan(["sh010"], track, FAST | options, again=True), workers=1)
    assert rows[0]["what"] == "rendered", rows
    made = studio.store.take("sh010", rows[0]["take"])
    return made, [studio.store.take_frame(made, frame) for frame in range(made.first, made.last)]


@pytest.mark.parametrize("size", [(96, 64), (48, 80)], ids=["landscape", "portrait"])
@pytest.mark.parametrize("frames", [16, 48])
def test_a_still_is_moved_for_as_long_as_is_asked(still, size, frames):
    studio = still(size, frames)
    made, files = take(studio)
    assert len(files) == frames and made.size == size
    pictures = [read_png(file) for file in files]
    assert all(picture.shape == (3, *reversed(size)) for picture in pictures)
    first = read_png(studio.store.first_frame_image(studio.store.first_frame("sh010", "ff001")))
    assert np.array_equal(pictures[0], first)  # the very first frame, not what an autoencoder makes of it
    assert len({file.read_bytes() for file in files}) == frames
    assert len(studio.metrics(made)["rows"]) == frames - 1


@pytest.mark.parametrize(
    ("windows", "camera", "frames"),
    [("anchored", "none", 48), ("anchored", "pan-right", 26), ("autoregressive", "zoom-out", 32)],
)
def test_a_render_that_was_stopped_goes_on_and_gives_the_bytes_of_one_go(still, monkeypatch, windows, camera, frames):
    from v2v_studio.renderers import consisti2v

    kind = consisti2v.Anchored if windows == "anchored" else consisti2v.Autoregressive
    studio = still(frames=frames)
    options = {"windows": windows, "camera": camera}
    _, whole = take(studio, **options)
    plain, begun = kind.render, []

    def stopped(self, window, motion, carry):
        if len(begun) == 2:
            raise KeyboardInterrupt
        begun.append(window.start)
        return plain(self, window, motion, carry)

    monkeypatch.setattr(kind, "render", stopped)
    with pytest.raises(KeyboardInterrupt):
        take(studio, **options)
    monkeypatch.setattr(kind, "render", lambda *given: begun.append(given[1].start) or plain(*given))
    _, again = take(studio, **options)
    first, second, third, *_ = begun
    assert (first, second) == (1, 1 + kind.window) and third == 1 + 2 * kind.window
    assert [a.read_bytes() for a in again] == [b.read_bytes() for b in whole]


def test_every_option_of_the_model_reaches_it(still):
    studio, bytes_of = still(frames=4), {}
    changes = [
        {},
        {"stride": 5},
        {"guidance_text": 3},
        {"guidance_image": 2},
        {"guidance_text": 3, "guidance_image": 2, "rescale": 0.7},
        {"frame_init": False},
        {"noise_level": 300},
        {"filter": "box"},
        {"noise": "vanilla"},
        {"camera": "pan-left"},
        {"camera": "zoom-out"},
        {"camera": "zoom-out", "speed": 2},
        {"prompt": "a house", "guidance_text": 3},
        {"steps": 2},
    ]
    for options in changes:
        made, files = take(studio, **options)
        bytes_of[json.dumps(options)] = read_png(files[-1]).tobytes()
        assert {**made.recipe["params"], **made.recipe["motion_params"]}.items() >= options.items()
    assert len(set(bytes_of.values())) == len(changes)


def test_the_commands_of_the_documentation_work(still):
    studio = still(frames=4)
    project = ["-C", str(studio.store.folder)]
    options = ["-p", "prompt=a cat turns its head", "-p", "steps=1", "-p", "camera=pan-left"]
    for command in (
        ["motion", "sh010", "--track", "camera-preview", "--preview", "-p", "camera=pan-left"],
        ["render", "sh010", "--track", "camera-preview", "--draft", "-p", "camera=pan-left"],
        ["motion", "sh010", "--track", TRACK, "--preview", "-p", "camera=pan-left"],
        ["render", "sh010", "--track", TRACK, *options],
    ):
        result = CliRunner().invoke(cli, [*project, *command], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    assert [take.recipe["track"] for take in studio.store.takes("sh010")] == ["camera-preview", TRACK]
    assert (studio.store.folder / "exports" / "sh010_motion.png").is_file()


def test_a_take_can_be_made_again_from_its_recipe(still):
    studio = still(frames=4)
    _, files = take(studio, camera="zoom-in")
    assert studio.replay(files[3]).agrees


def test_before_a_later_first_frame_it_is_made_as_if_time_ran_backwards(still):
    studio = still(frames=8)
    studio.stylize(["sh010"], "filters", {"preset": "poster"}, frame=1005)
    made, files = take(studio)
    assert made.anchor == studio.store.shot("sh010").start + 4 and len(files) == 8


def test_ranges_masks_and_motion_that_is_not_there_are_refused_in_a_sentence(still, tmp_path):
    studio = still(frames=4)
    made, _ = take(studio)
    with pytest.raises(UsageError, match="does not follow the footage"):
        studio.plan(["sh010"], TRACK, FAST, ask=studio.ask(["sh010"], parent=made.id, span="1002:1003"))
    with pytest.raises(UsageError, match="no motion of pixels"):
        studio.preview_motion("sh010", tmp_path / "motion.png", options=FAST, track=TRACK)
    rows = studio.render(studio.plan(["sh010"], TRACK, FAST | {"camera": "pan-up", "frame_init": False}), workers=1)
    assert rows[0]["what"] == "failed" and "FrameInit" in rows[0]["reason"]


def test_a_plan_reckons_with_the_size_that_the_model_works_at(still):
    studio = still(size=(128, 128), frames=4)
    small, whole = (studio.plan(["sh010"], TRACK, FAST | {"shorter": side})[0].seconds for side in (64, 128))
    assert whole == pytest.approx(4 * small)
