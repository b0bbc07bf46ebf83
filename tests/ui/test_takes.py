"""The page Takes."""

import json
import shutil

import pytest

from tests.ui.conftest import said
from ui.components import Event, Seen


@pytest.fixture
def decided(monkeypatch):
    """decided(event): the player reports this, once."""

    def given(event):
        told = iter([event])
        monkeypatch.setattr("ui.comparison.player", lambda *a, **k: Seen(event.frame, next(told, None)))

    return given


@pytest.fixture
def two_takes(rendered):
    """A project whose first shot has two takes that differ in their seed."""
    return rendered, another(rendered, seed=7)


def another(studio, **plan):
    (row,) = studio.render(studio.plan(["sh010"], options={"quality": "draft"}, **plan), workers=1)
    return row["take"]


def shown(app):
    """What the player was given."""
    return json.loads(app.get("bidi_component")[0].proto.json)


def panel(app, name):
    app.session_state["panel-sh010"] = name
    return app.run()


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, [one.message for one in app.exception]


def texts(app):
    """Everything that is said, without the marks that keep it plain."""
    told = [*app.markdown, *app.caption, *app.text]
    return "\n".join(one.value for one in told).replace("\\", "")


def job(studio):
    return studio.store.jobs()[-1]


def test_a_shot_without_takes_offers_the_first_render(rendered, open_page, idle):
    rendered.store.remove_take("sh010", "t001")
    app = open_page(rendered, "takes")
    assert said(app) == ["No takes of this shot yet. Render the first one:"]
    assert "No take yet. 12 frames, about" in texts(app)
    press(app, "Render")
    assert (job(rendered).kind, job(rendered).shot, job(rendered).state) == ("render", "sh010", "queued")


def test_the_player_shows_the_take_with_what_was_measured_of_it(rendered, open_page, idle):
    data = shown(open_page(rendered, "takes", shot="sh020"))
    assert data["a"]["url"].startswith("/project/shots/sh020/takes/t001/preview.mp4")
    assert (data["frames"], data["number"], data["size"]) == (10, 1001, [96, 64])
    assert data["timecode"] == rendered.store.shot("sh020").start
    rows = rendered.frame_rows("sh020/t001")
    assert [curve["values"] for curve in data["curves"]] == [
        [row[measure] for row in rows] for measure in ("temporal", "drift", "visible")
    ]
    assert data["flags"] == [at for at, row in enumerate(rows) if row["flagged"]]


def test_the_source_is_made_once_and_the_take_plays_alone_until_then(rendered, open_page, idle):
    app = open_page(rendered, "takes").run()
    assert shown(app)["b"] is None and "proxy sh010" in texts(app)
    (proxy,) = [one for one in rendered.store.jobs() if one.kind == "proxy"]
    assert proxy.task == {"shot": "sh010", "take": "t001"}
    rendered.proxy("sh010", "t001")
    beside = shown(app.run())["b"]
    assert beside["url"].startswith("/project/cache/proxies/") and beside["start"] == 0


def test_a_cancelled_source_is_made_when_it_is_asked_for(rendered, open_page, idle):
    app = open_page(rendered, "takes")
    rendered.cancel(job(rendered).id)
    app.run()
    assert job(rendered).state == "cancelled"
    press(app, "Make the source's video")
    assert (job(rendered).kind, job(rendered).state) == ("proxy", "queued")


def test_two_takes_are_held_against_each_other(two_takes, open_page, idle):
    studio, second = two_takes
    app = open_page(studio, "takes")
    assert app.selectbox(key="take-sh010").value == second
    app.selectbox(key=f"against-sh010-{second}").select("t001").run()
    assert shown(app)["a"]["label"] == second and "/t001/preview.mp4" in shown(app)["b"]["url"]


def copied(studio, name, **changed):
    """A copy of the first shot's first take, with another name and other values."""
    folder = studio.store.take_folder("sh010", "t001")
    copy = shutil.copytree(folder, folder.with_name(name))
    record = json.loads((copy / "take.json").read_text())
    (copy / "take.json").write_text(json.dumps({**record, **changed, "id": name}))


def test_takes_of_other_ranges_are_compared_where_both_have_frames(rendered, open_page, idle):
    recipe = rendered.store.take("sh010", "t001").recipe
    copied(rendered, "t002", start=3, first=3, recipe={**recipe, "shot": [3, 12]})
    app = open_page(rendered, "takes")
    app.selectbox(key="against-sh010-t001").select("t002").run()
    data = shown(app)
    assert (data["frames"], data["timecode"], data["number"]) == (9, 3, 1004)
    assert (data["a"]["start"], data["b"]["start"]) == (3, 0)


def test_many_takes_are_listed_the_newest_first(rendered, open_page, idle):
    for number in range(2, 41):
        copied(rendered, f"t{number:03}")
    names = open_page(rendered, "takes").selectbox(key="take-sh010").options
    assert len(names) == 40 and names[0] == "t040 · draft" and names[-1] == "t001 · draft"


@pytest.mark.parametrize("kind, status", [("approve", "approved"), ("reject", "rejected")])
def test_a_decision_in_the_player_is_kept_and_shown(rendered, open_page, idle, decided, kind, status):
    decided(Event(kind, 3))
    assert f"[{status}]" in texts(open_page(rendered, "takes"))
    assert rendered.store.review("sh010", "t001").status == status


def test_a_note_is_pinned_to_the_frame_and_box_it_was_made_on(rendered, open_page, idle, decided):
    decided(Event("note", 5, "the hand smears", (10.0, 20.0, 30.0, 8.0)))
    app = open_page(rendered, "takes", shot="sh020")
    (note,) = rendered.store.review("sh020", "t001").notes
    assert (note.text, note.box) == ("the hand smears", (10, 20, 30, 8))
    assert note.frame == rendered.store.shot("sh020").start + 5
    assert "the hand smears" in texts(app) and "box 10, 20, 30 x 8" in texts(app)


def test_a_click_on_a_note_goes_to_its_frame_every_time(rendered, open_page, idle):
    rendered.review("sh010/t001", "note", "here", 1006)
    app = open_page(rendered, "takes")
    assert shown(app)["notes"] == [{"frame": 5, "text": "here", "box": None}] and shown(app)["frame"] is None
    for _ in range(2):
        press(app, "Frame 1006")
        assert shown(app)["frame"] == 5
        assert shown(app.run())["frame"] is None  # or a second click on it would be none


def test_markup_in_a_note_is_no_markup(rendered, open_page, idle):
    rendered.review("sh010/t001", "note", "<script>alert(1)</script> **loud** :red[x]")
    (note,) = [one.value for one in open_page(rendered, "takes").markdown if "script" in one.value]
    assert note == r"\<script\>alert\(1\)\<\/script\> \*\*loud\*\* \:red\[x\]"


def test_a_retake_of_a_range_leaves_the_other_frames_as_they_are(rendered, open_page, idle):
    app = panel(open_page(rendered, "takes"), "Retake")
    app.number_input(key="retake-sh010-t001-First frame").set_value(1004)
    app.number_input(key="retake-sh010-t001-Last frame").set_value(1006).run()
    assert "A range of t001 anew. 3 frames, about" in texts(app)
    press(app, "Render")
    task = job(rendered).task
    assert (task["ask"]["parent"], task["ask"]["span"], task["params"]["quality"]) == ("t001", [3, 6], "draft")
    rendered.work(places=1)
    (made,) = [take for take in rendered.store.takes("sh010") if take.id != "t001"]
    for frame in range(12):
        files = [rendered.store.take_frame(take, frame) for take in (rendered.store.take("sh010", "t001"), made)]
        assert (files[0].stat().st_ino == files[1].stat().st_ino) is not (3 <= frame < 6)
    assert app.run().selectbox(key="take-sh010").value == made.id


def test_the_range_can_begin_at_the_frame_that_is_shown(rendered, open_page, idle, monkeypatch):
    monkeypatch.setattr("ui.comparison.player", lambda *a, **k: Seen(4, None))
    app = panel(open_page(rendered, "takes"), "Retake")
    app.button(key="retake-sh010-t001-First frame-here").click().run()
    assert app.number_input(key="retake-sh010-t001-First frame").value == 1005


def test_a_plan_says_what_is_there_already(rendered, open_page, idle):
    app = panel(open_page(rendered, "takes"), "Render")
    app.toggle(key="render-sh010-the project-draft").set_value(True).run()
    assert "Nothing to render: nothing changed." in texts(app)
    app.number_input(key="render-sh010-the project-seed").set_value(3).run()
    assert "Changed since t001: seed. 12 frames, about" in texts(app)


def test_a_render_is_queued_with_what_the_form_says(rendered, open_page, idle):
    app = panel(open_page(rendered, "takes"), "Render")
    app.number_input(key="render-sh010-the project-seed").set_value(3).run()
    press(app, "Render")
    task = job(rendered).task
    assert (task["track"], task["seed"], task["params"]) == ("restyle", 3, {"quality": "final"})
    assert "render sh010" in texts(app)


def test_a_form_in_final_quality_overrules_a_project_in_draft(rendered, open_page, idle):
    defaults = rendered.store.project().defaults.changed(params={"quality": "draft"})
    rendered.store.change_project(lambda project: project.changed(defaults=defaults.plain()))
    app = panel(open_page(rendered, "takes"), "Render")
    app.toggle(key="render-sh010-the project-draft").set_value(False).run()
    press(app, "Render")
    assert job(rendered).task["params"] == {"quality": "final"}


def test_a_take_is_rendered_again_with_changes(two_takes, open_page, idle):
    studio, second = two_takes
    app = panel(open_page(studio, "takes"), "Recipe")
    press(app, "Change it and render")
    assert app.number_input(key=f"render-sh010-{second}-seed").value == 7
    assert app.toggle(key=f"render-sh010-{second}-draft").value
    assert "nothing changed" in texts(app)


def test_the_recipe_is_shown_with_its_command(rendered, open_page, idle):
    app = panel(open_page(rendered, "takes"), "Recipe")
    assert app.code[-1].value == rendered.command("sh010/t001")
    assert json.loads(app.json[0].value) == rendered.store.take("sh010", "t001").recipe


def test_a_decision_in_a_folder_that_may_not_be_written_is_refused_with_a_sentence(rendered, open_page, close, decided):
    close(rendered)
    app = open_page(rendered, "takes")
    assert "/t001/preview.mp4" in shown(app)["a"]["url"] and shown(app)["b"] is None
    decided(Event("approve", 0))
    app.run()
    assert any("review-sh010-t001.lock" in sentence for sentence in said(app))
    assert rendered.store.review("sh010", "t001").status == "pending"


def test_what_was_rejected_is_marked(rendered, open_page, idle):
    rendered.review("sh010/t001", "reject")
    assert "[rejected]" in texts(open_page(rendered, "takes"))
