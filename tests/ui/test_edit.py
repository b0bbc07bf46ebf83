"""The page Edit."""

import json

from tests.ui.conftest import said


def cards(app):
    """The strip of the film."""
    return json.loads(app.get("bidi_component")[0].proto.json)["cards"]


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def test_the_strip_shows_the_take_of_every_shot_in_order(rendered, open_page):
    rendered.review("sh020/t001", "approve")
    shown = cards(open_page(rendered, "edit"))
    assert [card["id"] for card in shown] == ["sh010", "sh020", "sh030"]
    assert [card["status"] for card in shown] == ["pending", "approved", "pending"]
    assert shown[0]["lines"][1] == "take t001"


def test_a_shot_without_a_take_is_marked_and_named(rendered, open_page):
    rendered.review("sh030/t001", "reject")
    app = open_page(rendered, "edit")
    assert cards(app)[2]["status"] == "missing" and cards(app)[2]["dim"]
    assert said(app) == ["Without a take, so the film shows the source: sh030"]


def test_a_disabled_shot_is_not_on_the_strip(rendered, open_page):
    rendered.disable("sh010")
    assert [card["id"] for card in cards(open_page(rendered, "edit"))] == ["sh020", "sh030"]


def test_another_take_is_chosen_by_approving_it(rendered, open_page):
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}, again=True), workers=1)
    app = open_page(rendered, "edit", shot="sh010")
    app.selectbox(key="take-sh010").select("t001").run()
    app.button(key="approve-sh010").click().run()
    assert rendered.shown(rendered.store.shot("sh010")).id == "t001"
    assert cards(app)[0]["lines"][1] == "take t001"


def test_assembling_is_queued_with_what_the_form_says(rendered, open_page, idle):
    app = open_page(rendered, "edit")
    app.multiselect[0].set_value(["mp4", "edl"])
    app.number_input[0].set_value(8)
    press(app, "Assemble")
    (job,) = rendered.store.jobs()[-1:]
    told = {"name": "cut01", "formats": ["mp4", "edl"], "handles": 8, "strict": False}
    assert (job.kind, job.state, job.task) == ("assemble", "queued", told)


def test_a_reel_is_queued(rendered, open_page, idle):
    app = open_page(rendered, "edit")
    press(app, "Review reel")
    assert rendered.store.jobs()[-1].kind == "reel"


def test_what_is_ready_can_be_kept(rendered, open_page):
    rendered.assemble(formats=["mp4", "otio"])
    app = open_page(rendered, "edit")
    links = [one.proto for one in app.get("link_button")]
    assert {"Download cut01.mp4", "Download cut01.otio"} <= {link.label for link in links}
    assert all(link.url.startswith("/project/") and "&download=cut01." in link.url for link in links)
