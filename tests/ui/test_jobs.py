"""The page Jobs."""

import pytest

from tests.ui.conftest import said
from v2v_studio.studio import Studio


@pytest.fixture
def queued(rendered, monkeypatch):
    """A project with one render of each state, which no worker takes."""
    monkeypatch.setattr(Studio, "start_worker", lambda self: None)
    plans = rendered.plan(options={"quality": "draft"}, again=True)
    rows = rendered.enqueue(plans)
    return rendered, [row["job"] for row in rows]


def texts(app):
    return [one.value for one in app.text]


def state(studio, name):
    return studio.store.job(name).state


def test_an_empty_queue_says_where_jobs_come_from(empty, open_page):
    (sentence,) = said(open_page(empty, "jobs"))
    assert sentence.startswith("Nothing is queued")


def test_a_queued_job_waits_with_its_shot(queued, open_page):
    app = open_page(queued[0], "jobs")
    assert "3 to do" in [one.value for one in app.subheader]
    assert "render sh010" in texts(app)


def test_a_job_is_paused_and_goes_on(queued, open_page):
    studio, (first, *_) = queued
    app = open_page(studio, "jobs")
    app.button(key=f"pause-{first}").click().run()
    assert state(studio, first) == "paused"
    app.button(key=f"resume-{first}").click().run()
    assert state(studio, first) == "queued"


def test_a_job_is_cancelled_and_retried(queued, open_page):
    studio, (first, *_) = queued
    app = open_page(studio, "jobs")
    app.button(key=f"cancel-{first}").click().run()
    assert state(studio, first) == "cancelled"
    app.button(key=f"retry-{first}").click().run()
    assert state(studio, first) == "queued"


def test_the_last_job_is_brought_to_the_front(queued, open_page):
    studio, (*_, last) = queued
    open_page(studio, "jobs").button(key=f"first-{last}").click().run()
    assert studio.store.job(last).priority == 1


def test_a_failed_job_says_why(queued, open_page):
    studio, (first, *_) = queued
    studio.store.change_job(first, lambda job: job.changed(state="failed", message="the disk is full", seconds=75.0))
    assert "the disk is full · 1 min 15 s" in texts(open_page(studio, "jobs"))


def test_a_running_job_tells_how_long_it_takes(queued, open_page):
    studio, (first, *_) = queued
    values = {"state": "running", "done": 6, "total": 12, "left": 90.0}
    studio.store.change_job(first, lambda job: job.changed(**values))
    (bar,) = open_page(studio, "jobs").get("progress")
    assert (bar.proto.value, bar.proto.text) == (50, "6 of 12, about 1 min 30 s left")
