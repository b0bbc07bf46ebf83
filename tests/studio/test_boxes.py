"""Boxes of a shot: followed, kept, listed and shown."""

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.probe import probe
from v2v_studio.project.control import Box, Control, Key
from v2v_studio.studio import Studio

W, H, STEP = 384, 256, 12


def texture(seed):
    """(H, W, 1) in [0, 1], spots of some pixels."""
    spots = cv2.GaussianBlur(np.random.default_rng(seed).random((H, W)), (0, 0), 3)
    return ((spots - spots.min()) / np.ptp(spots))[..., None]


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """A red square, 80 pixels wide, that moves 12 pixels to the right a frame, from (40, 80) on, over a green ground."""
    folder = tmp_path_factory.mktemp("square") / "square"
    folder.mkdir()
    ground = texture(0) * [0.1, 0.8, 0.1]
    square = texture(1)[:80, :80] * [0.6, 0.1, 0.1] + [0.3, 0, 0]
    for t in range(8):
        frame = ground.copy()
        frame[80:160, 40 + STEP * t : 120 + STEP * t] = square
        write_png(folder / f"{t:04d}.png", np.clip(frame, 0, 1).transpose(2, 0, 1).astype(np.float32))
    return folder


@pytest.fixture
def studio(footage, tmp_path):
    """Worked on at half the footage's size."""
    made = Studio.create(tmp_path / "film", (W // 2, H // 2))
    made.ingest([footage], rate="12")
    made.cut(detector="fixed", options={})
    return made


def test_a_followed_box_is_kept_as_keys_in_pixels_of_the_footage(studio):
    box = studio.follow("sh010", (40, 80, 80, 80), 1001, "a square")
    first, last = box.keys[0], box.keys[-1]
    assert (first.frame, last.frame) == (0, 7)
    assert first.box == (40, 80, 80, 80)
    assert last.box == pytest.approx((40 + 7 * STEP, 80, 80, 80), abs=4)
    control = studio.store.control("sh010")
    assert (control.width, control.height, control.boxes) == (W, H, [box])


def test_a_box_drawn_in_the_middle_is_followed_both_ways(studio):
    keys = studio.follow("sh010", (40 + 4 * STEP, 80, 80, 80), 1005).keys
    assert keys[0].frame == 0 and keys[0].box == pytest.approx((40, 80, 80, 80), abs=4)
    assert keys[-1].frame == 7 and keys[-1].box == pytest.approx((124, 80, 80, 80), abs=4)


def test_what_is_drawn_besides_is_kept_and_a_box_of_the_same_phrase_replaced(studio):
    other = Box(phrase="a cat", keys=[Key(frame=0, box=(1, 1, 5, 5))])
    old = Box(phrase="a square", keys=[Key(frame=0, box=(9, 9, 5, 5))])
    drags = [{"points": [[5, 5], [9, 9]]}]
    studio.store.write_control("sh010", Control(width=W, height=H, boxes=[old, other], drags=drags))
    made = studio.follow("sh010", (40, 80, 80, 80), 1001, "a square")
    control = studio.store.control("sh010")
    assert control.boxes == [other, made]
    assert control.drags[0].points == [(5, 5), (9, 9)]


def test_keys_are_in_the_pixels_of_what_is_drawn_already(studio):
    studio.store.write_control("sh010", Control(width=W // 2, height=H // 2))
    assert studio.follow("sh010", (40, 80, 80, 80), 1001).keys[0].box == (20, 40, 40, 40)


@pytest.mark.parametrize(
    ("box", "number", "wrong"),
    [
        ((40, 80, 80, 80), 1009, "sh010 has frames 1001 to 1008, not 1009"),
        ((500, 80, 80, 80), 1001, "nothing of sh010 is in the box 500,80,80,80; its frames are 384x256"),
        ((40, 80, 0, 80), 1001, "nothing of sh010 is in the box"),
    ],
)
def test_a_box_around_nothing_is_refused(studio, box, number, wrong):
    with pytest.raises(UsageError, match=wrong):
        studio.follow("sh010", box, number)
    assert studio.boxes("sh010") == []


def test_a_second_box_has_to_have_a_phrase_and_the_first_is_kept(studio):
    first = Box(phrase="a cat", keys=[Key(frame=0, box=(1, 1, 5, 5))])
    studio.store.write_control("sh010", Control(width=W, height=H, boxes=[first]))
    with pytest.raises(UsageError, match="no phrase; say with --phrase"):
        studio.follow("sh010", (40, 80, 80, 80), 1001)
    assert studio.boxes("sh010") == [first]


@pytest.fixture
def boxed(studio):
    keys = [Key(frame=0, box=(40, 80, 80, 80)), Key(frame=7, box=(124, 80, 80, 80))]
    studio.store.write_control("sh010", Control(width=W, height=H, boxes=[Box(phrase="a square", keys=keys)]))
    return studio


def edges(picture):
    """Left, right and lower border of a red box on 192x128, below its label."""
    y, x = np.nonzero((picture[0] > 0.9) & (picture[1] < 0.3) & (np.arange(H // 2)[:, None] > 50))
    return x.min(), x.max(), y.max()


@pytest.mark.parametrize(("number", "left"), [(1001, 20), (1008, 62)])
def test_a_frame_shows_its_box(boxed, tmp_path, number, left):
    boxed.show_boxes("sh010", tmp_path / "one.png", number=number)
    picture = read_png(tmp_path / "one.png")
    assert picture.shape[1:] == (H // 2, W // 2)
    assert edges(picture) == pytest.approx((left, left + 39, 79), abs=1)


def test_a_video_has_every_frame(boxed, tmp_path):
    made = boxed.show_boxes("sh010", tmp_path / "boxes.mp4")
    assert probe(made).frames == 8


def test_a_sheet_has_several(boxed, tmp_path):
    boxed.show_boxes("sh010", tmp_path / "boxes.png")
    assert read_png(tmp_path / "boxes.png").shape[2] > 4 * 240


def test_the_motion_of_a_track_by_boxes_is_shown_as_boxes(boxed, tmp_path):
    made = boxed.preview_motion("sh010", tmp_path / "m.png", 1008, track="boxes-preview")
    assert (made.frame, made.estimator) == (1008, "boxes-preview")
    assert edges(read_png(tmp_path / "m.png"))[0] == pytest.approx(62, abs=1)
    assert boxed.motion("sh010", tmp_path / "m.mp4", track="boxes").frames == 8


def test_a_shot_without_boxes_cannot_show_any(studio, tmp_path):
    with pytest.raises(UsageError, match="no boxes are drawn on sh010"):
        studio.show_boxes("sh010", tmp_path / "boxes.png")
    assert not (tmp_path / "boxes.png").exists()


def v2v(studio, *words):
    result = CliRunner().invoke(cli, ["-C", str(studio.store.folder), "-q", "boxes", *words], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_command_follows_shows_and_lists(studio, tmp_path):
    sheet = tmp_path / "sheet.png"
    code, said = v2v(studio, "sh010", "--follow", "40,80,80,80@1001", "--phrase", "a square", "--show", str(sheet))
    assert code == 0 and sheet.exists()
    assert "a square" in said and "1001-1008" in said
    listed = json.loads(v2v(studio, "sh010", "--json")[1])
    assert listed[0]["phrase"] == "a square" and listed[0]["keys"][0] == {"frame": 0, "box": [40, 80, 80, 80]}


@pytest.mark.parametrize("text", ["20,40,40@1001", "20,40,40,40", "a,b,c,d@1001", "20,40,40,40@first"])
def test_a_box_that_cannot_be_read_says_how_to_write_one(studio, text):
    code, said = v2v(studio, "sh010", "--follow", text)
    assert code == 2 and "X,Y,WIDTH,HEIGHT@FRAME" in said
