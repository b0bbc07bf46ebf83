"""The page Footage."""

import json

from tests.ui.conftest import said


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def test_a_footage_is_listed_with_what_it_is(rendered, open_page):
    (listed, probe) = open_page(rendered, "footage").dataframe
    row = listed.value.iloc[0]
    assert (row["id"], row["frames"], row["kind"], row["sound"]) == ("a001", 36, "video", "1 track")
    assert "codec" in list(probe.value["what"])


def test_a_file_of_this_machine_is_queued_as_it_was_typed(rendered, open_page, idle, film):
    app = open_page(rendered, "footage")
    app.text_input[0].set_value(f" {film} ")
    press(app, "Add")
    (job,) = rendered.store.jobs()[-1:]
    assert (job.kind, job.task) == ("ingest", {"paths": [str(film)], "held": 1, "rate": None})


def test_footage_that_is_not_cut_is_cut_by_a_button(empty, film, open_page, idle):
    empty.ingest([film])
    press(open_page(empty, "footage"), "Find shots in a001")
    assert [(job.kind, job.task) for job in empty.store.jobs()] == [("cut", {"footage": "a001"})]


def test_small_copies_are_made_of_the_shots_that_lack_one(rendered, open_page, idle):
    rendered.proxy("sh010")
    app = open_page(rendered, "footage")
    assert "1 of 3 shots have a small copy for the player" in [text.value for text in app.text]
    press(app, "Make the others")
    assert [job.task["shot"] for job in rendered.store.jobs() if job.kind == "proxy"] == ["sh020", "sh030"]


def test_what_should_be_known_about_a_footage_is_said_letter_by_letter(rendered, open_page):
    rendered.store.change_footage("a001", lambda one: one.changed(notes=["*loud* <b>sound</b>"]))
    assert said(open_page(rendered, "footage")) == ["*loud* <b>sound</b>"]


def test_the_upload_takes_what_ingest_takes(rendered, open_page):
    from v2v_studio.studio.ingest import VIDEO_SUFFIXES

    accepted = json.loads(open_page(rendered, "footage").get("bidi_component")[0].proto.json)["accept"]
    assert set(accepted.split(",")) >= VIDEO_SUFFIXES
