"""SMCD's track, from a release to takes, as a user comes to it; with weights drawn at random."""

import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.project.control import Box, Control, Key
from v2v_studio.studio import Studio

pytestmark = pytest.mark.slow
FAST = {"steps": 1, "guidance": 1, "shorter": 64}


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    """The toy release, converted by the command."""
    pytest.importorskip("torch")
    from tests.models.smcd.toy_release import toy_release

    folder = tmp_path_factory.mktemp("weights")
    toy_release(folder / "release")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("V2V_MODELS", str(folder / "models"))
        result = CliRunner().invoke(cli, ["models", "convert", "smcd", str(folder / "release")], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        yield folder / "models"


@pytest.fixture
def still(tmp_path):
    """A photograph held for 18 frames, with its first frame painted on frame 1003."""
    from skimage import data

    write_png(tmp_path / "cat.png", data.chelsea()[:128, :192].transpose(2, 0, 1).astype(np.float32) / 255)
    studio = Studio.create(tmp_path / "film", (96, 64))
    studio.ingest([tmp_path / "cat.png"], held=18, rate="8")
    studio.cut()
    studio.stylize(translator="filters", options={"preset": "poster"}, frame=1003)
    return studio


def box(phrase, *keys):
    return Box(phrase=phrase, keys=[Key(frame=frame, box=at) for frame, at in keys])


BALL = box("a ball", (0, (10, 10, 40, 40)), (17, (120, 60, 40, 40)))
DOG = box("a dog", (5, (100, 20, 60, 60)), (12, None))


def draw(studio, *boxes):
    studio.store.write_control("sh010", Control(width=192, height=128, boxes=list(boxes)))


def take(studio, track="boxes", **options):
    rows = studio.render(studio.plan(["sh010"], track, {**FAST, **options}, again=True), workers=1)
    assert rows[0]["what"] == "rendered", rows
    made = studio.store.take("sh010", rows[0]["take"])
    return made, [studio.store.take_frame(made, frame) for frame in range(made.first, made.last)]


def test_without_boxes_nothing_is_rendered(still):
    with pytest.raises(UsageError, match="no boxes are drawn on sh010"):
        still.plan(["sh010"], "boxes", FAST)


def test_two_objects_are_rendered_and_a_render_that_was_stopped_gives_the_bytes_of_one_go(still, monkeypatch):
    from v2v_studio.renderers.smcd import Boxed

    draw(still, BALL, DOG)
    plain, windows = Boxed.render, []

    def heard(self, window, motion, carry):
        windows.append((window.start, len(window.frames), motion.phrases))
        return plain(self, window, motion, carry)

    monkeypatch.setattr(Boxed, "render", heard)
    made, whole = take(still)
    assert len(whole) == 18 and made.recipe["control"] and made.recipe["params"]["weights"]
    assert all(read_png(file).shape == (3, 64, 96) for file in whole)
    both = ("a ball", "a dog")
    assert windows == [(1, 2, both), (1, 7, both), (8, 7, both), (15, 1, both)]  # backwards, then forwards

    def stopped(self, window, motion, carry):
        if window.start > 7:
            raise KeyboardInterrupt
        return plain(self, window, motion, carry)

    monkeypatch.setattr(Boxed, "render", stopped)
    with pytest.raises(KeyboardInterrupt):
        still.render(still.plan(["sh010"], "boxes", FAST, again=True), workers=1)
    windows.clear()
    monkeypatch.setattr(Boxed, "render", heard)
    _, again = take(still)
    assert [start for start, *_ in windows] == [8, 15]
    assert [a.read_bytes() for a in again] == [b.read_bytes() for b in whole]


def test_the_model_is_told_the_boxes_of_the_frames_in_their_order(still, monkeypatch):
    from v2v_studio.models.smcd.sample import SMCD

    draw(still, BALL, DOG)
    plain, told = SMCD.frames, []

    def heard(self, image, prompt, negative, boxes, present, phrases, **given):
        told.append((boxes, present, phrases, sorted(given["held"])))
        return plain(self, image, prompt, negative, boxes, present, phrases, **given)

    monkeypatch.setattr(SMCD, "frames", heard)
    take(still)
    (back, *_), (ahead, there, phrases, held), (_, later, _, next_held), _ = told
    left = [10 + 110 / 17 * frame for frame in range(18)]  # of the ball, on 192x128
    assert ahead.shape == (8, 8, 4) and phrases == ["a ball", "a dog"]
    assert ahead[:, 0, 0] * 128 == pytest.approx(
        [left[frame] / 2 for frame in range(2, 10)], abs=1e-3
    )  # 96 of 128 wide
    assert back[:, 0, 0] * 128 == pytest.approx([left[frame] / 2 for frame in (2, 1, 0)], abs=1e-3)
    assert there[:, 1].tolist() == [False] * 3 + [True] * 5 and not there[:, 2:].any()
    assert later[:, 1].tolist() == [True] * 3 + [False] * 5
    assert held == [] and next_held == [0]


def test_a_change_of_a_box_is_a_new_take_and_a_drag_is_none(still):
    draw(still, BALL)
    made, files = take(still)
    assert still.replay(files[4]).agrees
    control = still.store.control("sh010")
    still.store.write_control("sh010", control.changed(drags=[{"points": [[1, 1], [5, 5]]}]))
    assert still.plan(["sh010"], "boxes", FAST)[0].what == "reuse"
    draw(still, box("a ball", (0, (10, 10, 40, 40)), (17, (121, 60, 40, 40))))
    assert still.plan(["sh010"], "boxes", FAST)[0].reason == f"changed since {made.id}: control"


def test_a_box_without_a_phrase_is_what_the_prompt_says(still):
    draw(still, box("", (0, (10, 10, 40, 40))))
    rows = still.render(still.plan(["sh010"], "boxes", FAST), workers=1)
    assert rows[0]["what"] == "failed" and "there is no prompt that says what is in it" in rows[0]["reason"]
    assert len(take(still, prompt="a ball")[1]) == 18


def test_a_preview_moves_the_pieces_at_once(still):
    draw(still, BALL, DOG)
    rows = still.render(still.plan(["sh010"], "boxes-preview", {}), workers=1)
    made = still.store.take("sh010", rows[0]["take"])
    first, last = (read_png(still.store.take_frame(made, frame)) for frame in (2, 17))
    assert not np.array_equal(first, last)
    assert np.array_equal(first[:, :, 92:], last[:, :, 92:])  # where no box ever was
