"""The page First frames."""

import json

import pytest

from tests.ui.conftest import said

pytestmark = pytest.mark.usefixtures("idle")


@pytest.fixture
def several(rendered):
    """sh010 has a second first frame, on its last frame, and carries the first."""
    rendered.stylize(["sh010"], "filters", {"preset": "oil"}, frame=1012)
    rendered.pick("sh010", ["ff001"])
    return rendered


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def cards(app):
    return json.loads(app.get("bidi_component")[0].proto.json)["cards"]


def carried(studio, shot="sh010"):
    one = studio.store.shot(shot)
    return [one.first_frame, *one.further]


def test_a_shot_without_a_first_frame_says_what_to_do(empty, film, open_page):
    empty.ingest([film])
    empty.cut()
    assert said(open_page(empty, "first_frames")) == ["No first frame yet. Paint one, or make one below."]


def test_candidates_are_shown_and_those_carried_are_marked(several, open_page):
    shown = cards(open_page(several, "first_frames", shot="sh010"))
    assert [(card["id"], card["status"], card["lines"][0]) for card in shown] == [
        ("ff001", "carried", "frame 1001"),
        ("ff002", "candidate", "frame 1012"),
    ]


def test_one_of_two_that_are_carried_is_left_out(several, open_page):
    several.pick("sh010", ["ff001", "ff002"])
    press(open_page(several, "first_frames", shot="sh010"), "Do not use")
    assert carried(several) == ["ff002"]


def test_one_of_two_that_are_carried_is_used_alone(several, open_page):
    several.pick("sh010", ["ff002", "ff001"])
    press(open_page(several, "first_frames", shot="sh010"), "Use this one")
    assert carried(several) == ["ff002"]


def test_making_is_queued_with_the_translator_and_what_was_chosen(rendered, open_page):
    app = open_page(rendered, "first_frames", shot="sh020")
    app.number_input(key="candidates-sh020").set_value(3)
    app.number_input(key="frame-make-sh020").set_value(1004)
    press(app, "Make")
    job = rendered.store.jobs()[-1]
    told = {"shots": ["sh020"], "translator": "filters", "frame": 1004, "seed": 0, "candidates": 3}
    assert job.kind == "stylize" and told.items() <= job.task.items()


def test_a_translator_whose_weights_are_missing_says_how_to_get_them(rendered, open_page):
    app = open_page(rendered, "first_frames", shot="sh020")
    app.selectbox(key="translator-sh020").select("img2img").run()
    app.text_area(key="look-sh020-img2img-prompt").set_value("a fox")
    press(app, "Make")
    (sentence,) = said(app)
    assert "v2v models fetch" in sentence


def test_a_look_is_applied_to_all_other_shots(rendered, open_page):
    press(open_page(rendered, "first_frames", shot="sh010"), "Apply this look to all shots")
    job = rendered.store.jobs()[-1]
    assert job.task == {"shots": ["sh020", "sh030"], "like": "sh010/ff001"}


def test_where_one_more_would_help_is_asked_for_and_shown(rendered, open_page):
    app = open_page(rendered, "first_frames", shot="sh030")
    press(app, "Where would it help most?")
    job = rendered.store.jobs()[-1]
    assert (job.kind, job.task) == ("suggest", {"shot": "sh030", "count": 3})
    made = rendered.suggest("sh030", 3)
    rendered.store.change_job(job.id, lambda one: one.changed(state="done"))
    texts = [text.value for text in open_page(rendered, "first_frames", shot="sh030").text]
    said_of = [text for text in texts if text.startswith(("One more painted frame at", "No further frame"))]
    assert len(said_of) == max(1, len(made))


def test_a_first_frame_and_the_frame_to_paint_on_are_kept_as_they_are(rendered, open_page):
    app = open_page(rendered, "first_frames", shot="sh020")
    links = {one.proto.label: one.proto.url for one in app.get("link_button")}
    image = links["Download ff001"]
    assert image.startswith("/project/shots/sh020/firstframes/ff001/image.png?")
    assert image.endswith("download=sh020_ff001.png")
    assert links["Download the frame to paint on"] == "/frame/sh020/1001"
