"""The page Motion and control."""

import json

import pytest

from tests.ui.conftest import said

pytestmark = pytest.mark.usefixtures("idle")


@pytest.fixture
def drawn(rendered):
    """A shot with a drag and a box."""
    canvas = rendered.control("sh010")
    boxes = [{"phrase": "a ball", "keys": [{"frame": 0, "box": [10, 10, 20, 20]}]}]
    rendered.draw("sh010", canvas.version, drags=[[(5, 5), (40, 30)]], boxes=boxes)
    return rendered


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def previewed(app):
    return next(box for box in app.selectbox if box.label == "Preview")


def board(app):
    return json.loads(app.get("bidi_component")[0].proto.json)


def test_the_board_shows_what_is_drawn_in_source_pixels(drawn, open_page):
    shown = board(open_page(drawn, "motion", shot="sh010"))
    assert shown["size"] == [96, 64] and shown["drags"] == [{"points": [[5, 5], [40, 30]]}]
    assert shown["boxes"] == [{"object": 1, "phrase": "a ball", "frame": 0, "box": [10, 10, 20, 20]}]


def test_the_board_is_keyed_at_the_footage_frame_that_is_shown(rendered, open_page):
    app = open_page(rendered, "motion", shot="sh020")
    app.slider(key="at-sh020").set_value(1004).run()
    assert (board(app)["number"], board(app)["frame"]) == (1004, 15)


def test_what_is_kept_is_told(drawn, open_page):
    texts = [text.value for text in open_page(drawn, "motion", shot="sh010").text]
    assert "saved: 1 drag, 1 box, no brush" in texts


def test_clearing_leaves_nothing_drawn(drawn, open_page):
    press(open_page(drawn, "motion", shot="sh010"), "Clear")
    canvas = drawn.control("sh010")
    assert (canvas.drags, canvas.boxes, canvas.brush) == ([], [], None)


def test_a_preview_without_its_weights_says_how_to_get_them(drawn, open_page):
    app = open_page(drawn, "motion", shot="sh010")
    previewed(app).select("drag-preview").run()
    press(app, "Render it")
    (sentence,) = said(app)
    assert "v2v models fetch motion-i2v" in sentence


def test_the_motion_by_a_frame_is_made_when_asked_for_and_kept(rendered, open_page):
    app = open_page(rendered, "motion", shot="sh010")
    app.slider(key="at-sh010").set_value(1006).run()
    press(app, "Show how it has moved by 1006")
    job = rendered.store.jobs()[-1]
    assert (job.kind, job.task) == ("motion_picture", {"shot": "sh010", "number": 1006})
    assert rendered.motion_picture("sh010", 1006).read_bytes()[:4] == b"\x89PNG"


def test_a_shot_without_a_take_says_when_its_visible_share_is_known(empty, film, open_page):
    empty.ingest([film])
    empty.cut()
    captions = [caption.value for caption in open_page(empty, "motion").caption]
    assert any("known once there is a take" in caption for caption in captions)


def test_the_preview_that_follows_what_is_drawn_and_needs_no_weights_stands_first(rendered, drawn, open_page):
    def offered(shot):
        return previewed(open_page(rendered, "motion", shot=shot)).options

    canvas = rendered.control("sh020")
    rendered.draw("sh020", canvas.version, boxes=[{"phrase": "a ball", "keys": [{"frame": 12, "box": [9, 9, 20, 20]}]}])
    assert offered("sh010")[:3] == ["pull-preview", "boxes-preview", "camera-preview"]  # a drag and a box
    assert offered("sh020")[:2] == ["boxes-preview", "pull-preview"]
    assert offered("sh030")[0] == "pull-preview"  # nothing yet


@pytest.mark.parametrize("track", ["pull-preview", "boxes-preview"])
def test_a_drawing_is_seen_at_once_without_weights(drawn, open_page, track):
    app = open_page(drawn, "motion", shot="sh010")
    previewed(app).select(track).run()
    assert len(app.get("bidi_component")) == 1  # the board
    press(app, "Render it")
    drawn.work(places=1)
    _, film = app.run().get("bidi_component")
    take = drawn.store.takes("sh010")[-1]
    assert take.recipe["track"] == track
    assert f"/shots/sh010/takes/{take.id}/preview.mp4" in json.loads(film.proto.json)["a"]["url"]
    press(app, "Clear")
    assert len(app.get("bidi_component")) == 1  # it is of another drawing
