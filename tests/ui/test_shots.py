"""The page Shots."""

import json

from tests.ui.conftest import said
from v2v_studio.studio import Studio


def cards(app):
    """What the grid was given."""
    (grid,) = app.get("bidi_component")
    return json.loads(grid.proto.json)["cards"]


def test_every_shot_has_a_card_with_picture_duration_and_status(rendered, open_page):
    first, *_ = shown = cards(open_page(rendered, "shots"))
    assert [card["id"] for card in shown] == ["sh010", "sh020", "sh030"]
    assert first["lines"] == ["0.50 s, 12 frames", "00:00:00:00 · take t001"]
    assert first["url"] == "/thumbnail/sh010?v=0" and first["status"] == "wip"


def test_shots_are_filtered_by_status(rendered, open_page):
    rendered.review("sh020/t001", "approve")
    app = open_page(rendered, "shots")
    app.button_group(key="status").set_value(["approved"]).run()
    assert [card["id"] for card in cards(app)] == ["sh020"]


def test_the_shot_of_the_link_is_chosen(rendered, open_page):
    app = open_page(rendered, "shots", shot="sh030")
    assert json.loads(app.get("bidi_component")[0].proto.json)["chosen"] == "sh030"


def test_a_broken_project_shows_one_sentence(rendered, open_page):
    (rendered.store.folder / "shots" / "sh010" / "shot.json").write_text("{")
    (sentence,) = said(open_page(rendered, "shots"))
    assert "shot.json" in sentence


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def spans(studio):
    return [(shot.id, shot.start, shot.end) for shot in studio.shots() if shot.status != "omit"]


def test_a_shot_is_split_at_the_frame_shown(rendered, open_page):
    app = open_page(rendered, "shots", shot="sh020")
    app.slider(key="frame-sh020").set_value(1005).run()
    press(app, "Split here")
    assert spans(rendered) == [("sh010", 0, 12), ("sh020", 12, 16), ("sh025", 16, 22), ("sh030", 22, 36)]


def test_a_shot_is_merged_with_the_next(rendered, open_page):
    press(open_page(rendered, "shots", shot="sh010"), "Merge with sh020")
    assert spans(rendered) == [("sh010", 0, 22), ("sh030", 22, 36)]


def test_a_shot_begins_and_ends_at_the_frame_shown(rendered, open_page):
    app = open_page(rendered, "shots", shot="sh010")
    app.slider(key="frame-sh010").set_value(1003).run()
    press(app, "Begin here")
    assert spans(rendered)[0] == ("sh010", 2, 12)
    app.slider(key="frame-sh010").set_value(1004).run()
    press(app, "End here")
    assert spans(rendered)[0] == ("sh010", 2, 6)


def test_a_shot_is_disabled_and_enabled(rendered, open_page):
    app = open_page(rendered, "shots", shot="sh010")
    press(app, "Disable")
    assert rendered.store.shot("sh010").status == "omit"
    press(app, "Enable")
    assert rendered.store.shot("sh010").status == "wip"


def test_a_frame_that_cannot_be_split_at_is_named(rendered, open_page):
    app = open_page(rendered, "shots", shot="sh010")
    app.slider(key="frame-sh010").set_value(1001).run()
    press(app, "Split here")
    assert said(app) == ["sh010 has frames 1001 to 1012; it can be split at 1002 to 1012, not at 1001"]


def test_the_scores_are_shown_with_their_cuts(rendered, open_page):
    app = open_page(rendered, "shots")
    assert app.get("vega_lite_chart")
    assert any("2 cuts" in caption.value for caption in app.caption)


def test_cutting_again_is_queued_with_the_detector_and_its_options(rendered, open_page, monkeypatch):
    monkeypatch.setattr(Studio, "start_worker", lambda self: None)
    app = open_page(rendered, "shots")
    app.selectbox(key="detector-a001").select("fixed").run()
    press(app, "Find shots again")
    job = rendered.store.jobs()[-1]
    assert (job.kind, job.task["detector"], job.task["again"]) == ("cut", "fixed", True)
