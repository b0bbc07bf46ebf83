"""The player in a real browser: two videos in step, compared, stepped through and decided on by keys."""

import json
import re

import pytest

from tests.ui.counted import FRAMES, SIZE, number_on

pytestmark = pytest.mark.browser


@pytest.fixture
def player(component_page, chromium):
    page = chromium()
    page.goto(f"{component_page}/?show=player")
    page.locator(".stage video[data-b]").wait_for(state="attached")
    shows(page, 0)
    return page


def frames(page):
    """The numbers that the two pictures show: A's, and B's from where it starts."""
    return number_on(page.locator("video[data-a]")), number_on(page.locator("video[data-b]")) - 2


def shows(page, frame):
    """Wait until Python was told of a frame; then both pictures must show it."""
    page.locator(f'.player[data-at="{frame}"]').wait_for(timeout=15000)
    page.locator("[data-testid=stText]", has_text=f'"frame": {frame},').wait_for(timeout=15000)
    assert frames(page) == (frame, frame)


def events(page):
    return json.loads(page.locator("[data-testid=stText]").inner_text())["events"]


def test_keys_step_both_videos_to_the_same_frame(player):
    for key, frame in (
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 11),
        ("ArrowLeft", 10),
        ("End", FRAMES - 3),
        ("Home", 0),
    ):
        player.keyboard.press(key)
        shows(player, frame)
    assert player.locator("[data-number]").inner_text() == "1001"


def test_playing_keeps_both_in_step_and_stops_on_one_frame(player):
    player.keyboard.press("l")
    player.locator("[data-number]", has_text=re.compile(r"10[1-3]\d")).wait_for()
    player.keyboard.press("k")
    player.locator(".player[data-at]").wait_for()
    a, b = frames(player)
    assert a == b == int(player.locator("[data-number]").inner_text()) - 1001 >= 9


def test_the_wipe_is_drawn_where_its_handle_is_by_mouse_and_by_keys(player):
    stage = player.locator("[data-stage]").bounding_box()
    player.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + 100)
    player.mouse.down()
    player.mouse.move(stage["x"] + stage["width"] * 0.25, stage["y"] + 120)
    player.mouse.up()
    seam = player.locator("[data-seam]")
    assert seam.get_attribute("aria-valuenow") == "25"
    assert "25%" in player.locator("[data-b]").evaluate("(video) => getComputedStyle(video).clipPath")
    seam.focus()
    player.keyboard.press("ArrowRight")
    assert seam.get_attribute("aria-valuenow") == "26"
    player.keyboard.press("ArrowRight")
    shows(player, 0)


def test_a_click_on_the_strip_goes_to_its_frame(player):
    box = player.locator("[data-strip]").bounding_box()
    player.mouse.click(box["x"] + box["width"] * (30.5 / (FRAMES - 2)), box["y"] + 20)
    shows(player, 30)
    player.keyboard.press(",")
    shows(player, 7)


def test_decisions_reach_python_once_with_their_frame(player):
    player.keyboard.press("ArrowRight")
    shows(player, 1)
    player.keyboard.press("a")
    player.locator("[data-testid=stText]", has_text="approve").wait_for()
    player.keyboard.press("n")
    player.keyboard.type("<b>the hand smears</b>")
    stage = player.locator("[data-stage]").bounding_box()
    scale = stage["width"] / SIZE[0]
    player.mouse.move(stage["x"] + 40 * scale, stage["y"] + 50 * scale)
    player.mouse.down()
    player.mouse.move(stage["x"] + 100 * scale, stage["y"] + 90 * scale)
    player.mouse.up()
    player.keyboard.press("Enter")
    player.locator("[data-testid=stText]", has_text="smears").wait_for()
    assert events(player) == [
        {"kind": "approve", "frame": 1, "text": "", "box": None},
        {"kind": "note", "frame": 1, "text": "<b>the hand smears</b>", "box": [40, 50, 60, 40]},
    ]


@pytest.mark.parametrize("mode", ["1", "2"])
def test_a_note_s_box_lies_on_the_picture_at_its_frame_alone(player, mode):
    player.locator(".player").focus()
    player.keyboard.press(mode)
    for _ in range(2):
        player.keyboard.press("Shift+ArrowRight")
    shows(player, 20)
    picture, mark = player.locator("video[data-a]").bounding_box(), player.locator("[data-pin]").bounding_box()
    scale = picture["width"] / SIZE[0]
    place = mark["x"] - picture["x"], mark["y"] - picture["y"], mark["width"], mark["height"]
    assert [side / scale for side in place] == pytest.approx([80, 45, 160, 90], abs=1)
    assert player.locator("[data-pin]").inner_text() == "the <b>hand</b> smears"
    player.keyboard.press("ArrowRight")
    shows(player, 21)
    assert player.locator("[data-pin]").count() == 0


def test_a_label_is_shown_letter_by_letter(player):
    assert player.locator("[data-names]").inner_text() == "A <b>take</b> | B"
