"""The page Jobs."""

import pytest

from v2v_studio.studio import Studio
from v2v_studio.studio.job_report import this_process


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


def test_a_queued_job_waits_with_its_shot(queued, open_page):
    app = open_page(queued[0], "jobs")
    assert "3 to do" in [one.value for one in app.subheader]
    assert "render sh010" in texts(app)


def test_a_job_says_which_other_machine_has_it(queued, open_page):
    studio, (first, second, _) = queued
    studio.store.change_job(first, lambda job: job.changed(state="running", host="render02", pid=1))
    studio.store.change_job(second, lambda job: job.changed(state="running", **this_process()))
    shown = texts(open_page(studio, "jobs"))
    assert "render sh010 on render02" in shown and "render sh020" in shown


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
