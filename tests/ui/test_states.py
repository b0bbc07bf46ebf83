"""Every page in every state: nothing there, at work, a great many, a job that failed, a folder that may not be written."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks.pages import many
from tests.ui.conftest import said
from ui.app import PAGES
from v2v_studio.studio import Studio

MANY = 40
pytestmark = pytest.mark.usefixtures("idle")


def cards(app):
    """How many pictures the page's grid has."""
    return len(json.loads(app.get("bidi_component")[0].proto.json)["cards"])


def picked_from(app):
    """How many shots the page offers."""
    return len(app.selectbox(key="shot picker").options)


def texts(app):
    return [one.value for one in (*app.text, *app.caption, *app.subheader)]


def component(app):
    return bool(app.get("bidi_component"))


@dataclass(frozen=True)
class Page:
    """What a page is held to.

    Attributes:
        empty: how what it says of an empty project begins.
        jobs: those that it shows: kind -> what one is told.
        whole: whether what it is for is there.
        count: of a project of many shots, how many it shows.
        press: label of a button that writes; empty where the page does so by itself.
    """

    empty: str
    jobs: dict[str, dict[str, Any]]
    whole: Callable[[Any], bool]
    count: Callable[[Any], int]
    press: str


NO_SHOTS = "No shots yet. Take footage in on the page Footage"
TABLE = {
    "footage": Page(
        "No footage yet. Drop a clip above",
        {
            "ingest": {"paths": ["/footage/clip.mp4"], "held": 1, "rate": None},
            "cut": {"footage": "a001"},
            "proxy": {"shot": "sh010"},
        },
        lambda app: len(app.dataframe) == 2 and bool(app.get("image")),
        lambda app: MANY * (f"0 of {MANY} shots have a small copy for the player" in texts(app)),
        "Make the others",
    ),
    "shots": Page(
        NO_SHOTS,
        {"cut": {"footage": "a001"}},
        lambda app: cards(app) == 3 and bool(app.get("image")) and bool(app.get("vega_lite_chart")),
        cards,
        "Disable",
    ),
    "first_frames": Page(
        NO_SHOTS,
        {"stylize": {"shots": ["sh010"], "translator": "filters"}, "suggest": {"shot": "sh010", "count": 3}},
        lambda app: cards(app) == 1 and len(app.get("image")) == 2,
        picked_from,
        "Make",
    ),
    "motion": Page(
        NO_SHOTS,
        {"motion_picture": {"shot": "sh010", "number": 1003}, "render": {"seed": 2}},
        lambda app: component(app) and bool(app.get("vega_lite_chart")),
        picked_from,
        "Show how it has moved by 1001",
    ),
    "takes": Page(
        NO_SHOTS,
        {"render": {"seed": 2}},
        component,
        picked_from,
        "",
    ),
    "edit": Page(
        "There is nothing to cut yet. Take footage in",
        {"assemble": {"name": "cut01"}, "reel": {"name": "cut01", "layout": "side"}},
        lambda app: cards(app) == 3,
        cards,
        "Assemble",
    ),
    "jobs": Page(
        "Nothing is queued, and nothing was. Jobs come from",
        {"suggest": {"shot": "sh010", "count": 3}},
        lambda app: "1 to do" in texts(app),
        lambda app: (
            MANY * ("40 over" in texts(app) and "10 more before them; all are listed by: v2v jobs" in texts(app))
        ),
        "Cancel",
    ),
}


def test_every_page_is_held_to_something():
    assert list(TABLE) == list(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_project_says_what_to_do(page, empty, open_page):
    (sentence,) = said(open_page(empty, page))
    assert sentence.startswith(TABLE[page].empty)


JOBS = [(page, kind) for page in TABLE for kind in TABLE[page].jobs]


def queued(studio, page, kind="", **values):
    """A job that the page shows, changed by hand to what a worker would have made of it."""
    kind = kind or next(iter(TABLE[page].jobs))
    task = TABLE[page].jobs[kind]
    if kind == "render":
        job = studio.store.job(studio.enqueue(studio.plan(["sh010"], **task))[0]["job"])
    else:
        job = studio.submit(kind, **task)
    return studio.store.change_job(job.id, lambda one: one.changed(**values))


@pytest.mark.parametrize("page", PAGES)
def test_work_shows_how_far_it_is_and_how_long_it_takes(page, rendered, open_page):
    job = queued(rendered, page, state="running", done=6, total=12, left=90.0)
    app = open_page(rendered, page)
    (bar,) = app.get("progress")
    assert (bar.proto.value, bar.proto.text) == (50, "6 of 12, about 1 min 30 s left")
    assert app.button(key=f"cancel-{job.id}") and TABLE[page].whole(app) and not said(app)


@pytest.mark.parametrize(("page", "kind"), JOBS)
def test_a_job_that_failed_says_why_and_is_retried(page, kind, rendered, open_page):
    job = queued(rendered, page, kind, state="failed", message="the disk is full", seconds=75.0)
    app = open_page(rendered, page)
    assert "the disk is full · 1 min 15 s" in texts(app)
    app.button(key=f"retry-{job.id}").click().run()
    assert rendered.store.job(job.id).state == "queued"
    assert not any("the disk is full" in text for text in texts(app))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A project of many shots, with a first frame and a take each, and as many jobs that are over."""
    folder = tmp_path_factory.mktemp("crowd") / "film"
    many(folder, MANY)
    studio = Studio(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Studio, "start_worker", lambda self: None)
        for count in range(1, MANY + 1 - len(studio.store.jobs())):
            job = studio.submit("suggest", shot="sh010", count=count)
            studio.store.change_job(job.id, lambda one: one.changed(state="done"))
    return studio


@pytest.mark.parametrize("page", PAGES)
def test_a_great_many_are_all_there(page, crowded, open_page):
    assert TABLE[page].count(open_page(crowded, page)) == MANY


@pytest.mark.parametrize("page", PAGES)
def test_a_folder_that_may_not_be_written_is_shown_and_a_change_says_what_to_do(page, rendered, open_page, close):
    if page == "jobs":
        queued(rendered, page)
    close(rendered)
    app = open_page(rendered, page)
    assert TABLE[page].whole(app)
    if TABLE[page].press:
        next(button for button in app.button if button.label == TABLE[page].press).click().run()
    assert not app.exception
    (sentence,) = said(app)
    assert sentence.startswith("Permission denied (")
    assert sentence.endswith("check that the folder is there and may be written to")


MARKUP = "<img src=x onerror=alert(1)> ![a](http://elsewhere/a.png) **loud** :red[x]"


@pytest.fixture
def hostile(rendered):
    """A project whose files hold markup wherever they hold text that is free."""
    for page, kind in JOBS:
        job = queued(rendered, page, kind)
        rendered.store.change_job(job.id, lambda one: one.changed(state="failed", message=MARKUP))
    rendered.store.change_shot("sh010", lambda shot: shot.changed(note=MARKUP, prompt=MARKUP))
    rendered.review("sh010/t001", "note", MARKUP, 1003)
    footage = rendered.store.footage("a001")
    cut = footage.cut.model_dump() | {"detector": MARKUP}
    rendered.store.change_footage("a001", lambda one: one.changed(notes=[MARKUP], cut=cut))
    first = rendered.store.first_frame_image(rendered.store.first_frame("sh010", "ff001")).with_name("firstframe.json")
    first.write_text(json.dumps({**json.loads(first.read_text()), "translator": MARKUP, "params": {"preset": MARKUP}}))
    return rendered


@pytest.mark.parametrize("page", PAGES)
def test_text_of_a_project_is_no_markup(page, hostile, open_page):
    app = open_page(hostile, page, shot="sh010")
    elements = [*app.markdown, *app.caption, *app.subheader, *app.title, *app.error, *app.warning, *app.info]
    labels = [text for one in (*app.button, *app.expander, *app.selectbox) for text in (one.label, one.help or "")]
    shown = [one.value for one in elements] + labels
    assert not [text for text in shown if re.search(r"(?<!\\)(<img|!\[a|\*\*loud|:red\[)", text)]
