"""Stretches of a shot made ahead by other workers: the take is that of one process, whoever helped and how far."""

import shutil
import threading

import pytest

from v2v_studio.errors import Cancelled
from v2v_studio.executors.base import Outcome
from v2v_studio.executors.local import attempt
from v2v_studio.metrics.take import TakeMetrics
from v2v_studio.project.records import Job
from v2v_studio.studio import ahead
from v2v_studio.studio.ahead import helpful, made_of
from v2v_studio.studio.job import NOT_NEEDED, RenderJob, render_shot
from v2v_studio.studio.render import job_of
from v2v_studio.studio.request import request_for

DRAFT = {"quality": "draft"}
pytestmark = pytest.mark.slow


class Inline:
    """A farm in this process, which carries its jobs out in an order of its own."""

    name = "ray"

    def __init__(self, order):
        self._order, self.said = order, []

    def run(self, function, jobs):
        for job in self._order(jobs):
            outcome = attempt(function, job)
            self.said.append((job.ahead, outcome.result or type(outcome.error)))
            yield outcome


def helpers_first(jobs):
    return [*jobs[1:], jobs[0]]


def as_they_come(jobs):
    return jobs


@pytest.fixture
def three(rendered, monkeypatch):
    """A shot of twelve frames with first frames on its second, its sixth and its last but one; not rendered from them."""
    monkeypatch.setattr(ahead, "LONG", 3)
    for number in (1002, 1006, 1011):
        rendered.stylize(["sh010"], "filters", {"preset": "ink"}, frame=number)
    return rendered


@pytest.fixture
def wanted(three):
    """What one process makes of it, which is then forgotten."""
    three.render(planned(three), workers=1)
    made = content(three)
    three.store.remove_take("sh010", "t002")
    shutil.rmtree(three.store.cache("carry"), ignore_errors=True)
    return made


def planned(studio):
    return studio.plan(["sh010"], options=DRAFT, ask=studio.ask(["sh010"], first_frames=("ff002", "ff003", "ff004")))


def content(studio):
    """Everything that the take is but its record, which tells how long it took."""
    folder = studio.store.take_folder("sh010", "t002")
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "take.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def partials(studio):
    return [path.name for path in (studio.store.folder / "shots" / "sh010" / "takes").glob(".partial-*")]


def test_a_stretch_lies_between_first_frames_or_beyond_them(three):
    (plan,) = planned(three)
    request = request_for(three.store, three.store.shot("sh010"), plan.setup, plan.ask)
    assert [made_of(legs) for legs in request.stretches] == [1, 3, 4, 1]
    assert helpful(request) == [(2, 4), (1, 3)]  # not the last, which is short


@pytest.mark.parametrize("order", [helpers_first, as_they_come])
def test_a_take_that_was_helped_is_the_take_of_one_process(three, wanted, order):
    three.render(planned(three), executor=Inline(order))
    assert content(three) == wanted
    assert partials(three) == []


def test_what_comes_after_the_shot_s_own_job_does_nothing(three):
    farm = Inline(as_they_come)
    (row,) = three.render(planned(three), executor=farm)
    assert farm.said == [(None, "t002"), (2, NOT_NEEDED), (1, NOT_NEEDED)]
    assert (row["take"], row["what"]) == ("t002", "rendered")


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_what_a_helper_left_unfinished_is_gone_on_with(three, wanted, monkeypatch, stop):
    seen, add = [], TakeMetrics.add

    def tired(*arguments):
        seen.append(1)
        if len(seen) == stop:
            raise Cancelled("enough")
        return add(*arguments)

    monkeypatch.setattr(TakeMetrics, "add", tired)
    farm = Inline(helpers_first)
    (row,) = three.render(planned(three), executor=farm)
    assert Cancelled in dict(farm.said).values() and row["what"] == "rendered"
    assert content(three) == wanted
    assert partials(three) == []


def test_a_torn_picture_of_a_helper_is_made_again(three, wanted):
    def torn_between(jobs):
        yield from jobs[1:]
        (folder,) = (three.store.folder / "shots" / "sh010" / "takes").glob(".partial-*-2")
        frame = sorted((folder / "frames").iterdir())[1]
        frame.write_bytes(frame.read_bytes()[:-20])
        yield jobs[0]

    three.render(planned(three), executor=Inline(torn_between))
    assert content(three) == wanted


def test_the_shot_s_job_waits_for_a_helper_that_is_at_a_stretch(three, wanted):
    (plan,) = planned(three)
    request = request_for(three.store, three.store.shot("sh010"), plan.setup, plan.ask)
    with three.store.open_partial("sh010", request.fingerprint, stretch="-2"):
        job = threading.Thread(target=three.render, args=([plan],), kwargs={"workers": 1})
        job.start()
        making = three.store.partial_folder("sh010", request.fingerprint)
        while not (making / "stretch-2.npz").exists():
            job.join(0.05)
        job.join(2 * 0.5)
        assert job.is_alive() and len(list((making / "frames").iterdir())) == 7  # those before, and first frames
    job.join()
    assert content(three) == wanted


def test_a_helper_of_a_shot_that_has_changed_since_does_nothing(three):
    def changed(jobs):
        three.pick("sh010", ["ff001"])
        return helpers_first(jobs)

    three.pick("sh010", ["ff002", "ff003", "ff004"])
    plans = three.plan(["sh010"], options=DRAFT)
    farm = Inline(changed)
    three.render(plans, executor=farm)
    assert farm.said == [(2, NOT_NEEDED), (1, NOT_NEEDED), (None, "t001")]  # rendered so already
    assert partials(three) == []


def test_outcomes_are_those_of_shots_alone(three):
    class Failing(Inline):
        def run(self, function, jobs):
            yield from (Outcome(job, error=OSError(28, "no room")) for job in jobs if job.ahead)
            yield from super().run(function, [job for job in jobs if job.ahead is None])

    rows = three.render(planned(three), executor=Failing(as_they_come))
    assert [(row["shot"], row["what"]) for row in rows] == [("sh010", "rendered")]
    assert [job.state for job in three.store.jobs() if job.kind == "stretch"] == ["failed", "failed"]


@pytest.mark.parametrize("stretch", [-1, 0, 4])
def test_a_stretch_that_the_shot_does_not_have_is_not_made(three, stretch):
    (plan,) = planned(three)
    job = three.store.add_job(Job(**job_of(plan)))
    made = render_shot(RenderJob(str(three.store.folder), "sh010", plan.setup, plan.ask, job.id, False, stretch))
    assert made == NOT_NEEDED and partials(three) == []
