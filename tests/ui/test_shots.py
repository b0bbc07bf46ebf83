"""The page Shots."""

import json

from tests.ui.conftest import said


def cards(app):
    """What the grid was given."""
    (grid,) = app.get("bidi_component")
    return json.loads(grid.proto.json)["cards"]


def test_an_empty_project_says_what_to_do(empty, open_page):
    assert said(open_page(empty, "shots")) == [
        "No shots yet. Take footage in on the page Footage; then find its shots."
    ]


def test_every_shot_has_a_card_with_picture_duration_and_status(rendered, open_page):
    first, *_ = shown = cards(open_page(rendered, "shots"))
    assert [card["id"] for card in shown] == ["sh010", "sh020", "sh030"]
    assert first["lines"] == ["0.50 s, 12 frames", "00:00:00:00 · take t001"]
    assert first["url"].startswith("/project/") and first["status"] == "wip"


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
