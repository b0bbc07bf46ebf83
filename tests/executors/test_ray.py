"""A farm of one machine with two workers, begun once: its jobs as an executor sees them, and whole renders on it."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.drift import drifting
from v2v_studio.errors import RenderError
from v2v_studio.executors.local import Local
from v2v_studio.studio import Studio
from v2v_studio.studio import farm as farm_module
from v2v_studio.studio.work import take

pytestmark = pytest.mark.slow
if importlib.util.find_spec("ray") is None:
    pytest.skip("ray is not installed", allow_module_level=True)

from v2v_studio.executors import cluster  # noqa: E402
from v2v_studio.executors import ray as ray_module  # noqa: E402
from v2v_studio.executors.ray import Ray  # noqa: E402

FRAMES = 110  # of a shot that is met on its way
DRAFT = {"quality": "draft"}
PATIENCE = 60  # seconds that a loaded machine may take for what takes one


@pytest.fixture(scope="module", autouse=True)
def farm(tmp_path_factory):
    """Begun as a user does, and ended whatever happens; this process stays connected to it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("RAY_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH"):
            patch.delenv(name, raising=False)
        try:
            v2v("farm", "up", "--cores", "2")
            with cluster.connected():
                yield
        finally:
            cluster.down()
    assert not list((home / ".cache").rglob("*.json"))


@pytest.fixture(scope="module")
def once(film, tmp_path_factory):
    """A shot that renders for some seconds and two short ones, rendered in this process as t001."""
    studio = Studio.create(tmp_path_factory.mktemp("farm") / "myfilm")
    studio.ingest([drifting(tmp_path_factory.mktemp("pictures"), FRAMES + 8)], copy=True)
    studio.cut(detector="fixed", options={"every": FRAMES})
    studio.split("sh020", 1005)
    studio.stylize(translator="filters", options={"preset": "poster"})
    studio.render(studio.plan(options=DRAFT), workers=1)
    shutil.rmtree(studio.store.folder / "cache")  # so that the next render takes as long
    return studio.store.folder


@pytest.fixture
def studio(once, tmp_path):
    return Studio(shutil.copytree(once, tmp_path / "myfilm"))


def v2v(*told):
    command = [sys.executable, "-m", "v2v_studio", *map(str, told)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not (met := condition()):
        assert time.monotonic() < deadline, "it did not come to that"
        threading.Event().wait(0.02)
    return met


def again(studio, *shots):
    return studio.plan(shots, options=DRAFT, again=True)


@contextmanager
def in_background(studio, function, *told, **how):
    """Leaves when it has ended, and sees to it that it does."""
    thread = threading.Thread(target=function, args=told, kwargs=how)
    thread.start()
    try:
        yield
    except BaseException:
        for job in studio.store.jobs():
            if job.state in ("queued", "running"):
                studio.cancel(job.id)
        raise
    finally:
        thread.join()


def frames_of(studio, shot, take):
    return [path.read_bytes() for path in sorted((studio.store.take_folder(shot, take) / "frames").iterdir())]


def as_in_process(studio, shot):
    first, second = (frames_of(studio, shot, take) for take in ("t001", "t002"))
    return len(first) > 0 and first == second


def half(job):
    if job % 2:
        raise RenderError(f"{job} is odd")
    return job // 2


def results(executor, function, jobs):
    return sorted((o.job, o.result, str(o.error) if o.error else "") for o in executor.run(function, jobs))


def test_a_farm_gives_what_one_process_gives():
    assert results(Ray(), half, [2, 3, 4]) == results(Local(1), half, [2, 3, 4])


def worker(job):
    return os.getpid()


def test_a_worker_stays_for_the_next_job():
    seen = Counter(outcome.result for outcome in Ray(workers=1).run(worker, range(5)))
    assert list(seen.values()) == [5]


def weights_of(width):
    """Of a network that is new at random whenever it is loaded."""
    from v2v_studio.models.held import loaded

    return loaded("torch.nn:Linear", 3, width).weight.tolist()


def test_a_network_is_loaded_once_for_jobs_after_each_other():
    first, second, other, third = (outcome.result for outcome in Ray(workers=1).run(weights_of, [4, 4, 5, 4]))
    assert first == second and len(other) == 5 and third != first


def die_once(job):
    file, lives = job
    with open(file, "a+") as said:
        said.write(f"{os.getpid()}\n")
        said.seek(0)
        begun = len(said.read().split())
    if begun <= lives:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_a_job_whose_worker_dies_is_done_by_another_and_one_that_kills_every_worker_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(ray_module, "RETRIES", 1)
    lost = []
    jobs = [(str(tmp_path / "one"), 1), (str(tmp_path / "all"), 9)]
    ended = {o.job: o for o in Ray(lost=lost.append).run(die_once, jobs)}
    first, second = (tmp_path / "one").read_text().split()
    assert ended[jobs[0]].result == int(second) != int(first)
    assert str(ended[jobs[1]].error) == "2 workers died of it, one after the other"
    assert Counter(lost) == dict.fromkeys(jobs, 1)


def test_a_worker_killed_in_the_middle_of_a_shot_costs_the_frame_being_written_at_most(studio):
    (plan,) = again(studio, "sh010")
    rows = []
    with in_background(studio, lambda: rows.extend(studio.render([plan], executor=studio.farm()))):
        job = until(lambda: next((j for j in studio.store.jobs() if j.state == "running" and j.done > 10), None))
        os.kill(job.pid, signal.SIGSTOP)  # so that what is there now is what the kill finds
        (partial,) = studio.store.folder.glob("shots/sh010/takes/.partial-*/frames")
        before = {int(p.stem): p.stat().st_mtime_ns for p in partial.glob("[0-9]*.png")}
        os.kill(job.pid, signal.SIGKILL)
    assert [(row["take"], row["what"]) for row in rows] == [("t002", "rendered")]
    made = {
        int(p.suffixes[0][1:]): p.stat().st_mtime_ns for p in studio.store.take_folder("sh010", "t002").glob("frames/*")
    }
    again_ = [number for number, written in before.items() if made[number] != written]
    assert len(before) > 10 and len(again_) <= 1
    done = studio.store.job(job.id)
    assert (done.state, done.lost, done.pid) == ("done", 1, None) and as_in_process(studio, "sh010")


def test_a_long_shot_is_the_work_of_two_workers_and_its_bytes_are_those_of_one(studio, tmp_path):
    studio.stylize(["sh010"], "filters", {"preset": "ink"}, frame=1056)
    alone = Studio(shutil.copytree(studio.store.folder, tmp_path / "alone"))
    alone.render(alone.plan(["sh010"], options=DRAFT), workers=1)
    (row,) = studio.render(studio.plan(["sh010"], options=DRAFT), executor=studio.farm(2))
    assert (row["take"], row["what"]) == ("t002", "rendered")
    whole, helper = (job for job in studio.store.jobs() if job.executor == "ray")
    assert (whole.kind, whole.total, helper.kind, helper.total) == ("render", FRAMES, "stretch", 54)
    assert helper.message == "54 frames, to be taken in by the shot's own job"
    made, wanted = (frames_of(one, "sh010", "t002") for one in (studio, alone))
    assert len(made) == FRAMES and made == wanted


def test_the_command_renders_on_the_farm_to_the_bytes_of_this_process_and_says_where(studio):
    told = ("-C", studio.store.folder, "render", "sh020", "sh030", "--draft", "--again", "--executor", "ray", "--json")
    rows = json.loads(v2v(*told))
    assert [(row["shot"], row["take"], row["what"]) for row in rows] == [
        ("sh020", "t002", "rendered"),
        ("sh030", "t002", "rendered"),
    ]
    assert as_in_process(studio, "sh020") and as_in_process(studio, "sh030")
    rows = [row for row in studio.job_rows() if row["executor"] == "ray"]
    assert [(row["shot"], row["state"], row["where"]) for row in rows] == [
        ("sh020", "done", "here"),
        ("sh030", "done", "here"),
    ]


def test_queued_jobs_go_by_priority_and_can_be_paused_resumed_and_cancelled(studio, monkeypatch):
    monkeypatch.setattr(Studio, "start_worker", lambda self: None)
    plans = [
        *again(studio, "sh020", "sh030"),
        replace(again(studio, "sh020")[0], setup=studio.plan(["sh020"])[0].setup),
    ]
    order = []
    monkeypatch.setattr(farm_module, "take", lambda store, name: order.append(name) or take(store, name))
    low, high, cancelled = [row["job"] for plan in plans for row in studio.enqueue([plan], executor="ray")]
    studio.prioritize(high, 5)
    studio.cancel(cancelled)
    (long,) = [row["job"] for row in studio.enqueue(again(studio, "sh010"), 9, "ray")]
    with in_background(studio, studio.work_on_farm, workers=1):
        until(lambda: studio.store.job(long).done > 5)
        studio.pause(long)
    jobs = {name: studio.store.job(name) for name in (long, high, low, cancelled)}
    assert [job.state for job in jobs.values()] == ["paused", "done", "done", "cancelled"]
    assert order == [long, high, low]
    assert 5 < jobs[long].done < FRAMES
    studio.resume(long)
    studio.work_on_farm()
    assert studio.store.job(long).state == "done" and as_in_process(studio, "sh010")
    assert [line.split(" ", 1)[1] for line in studio.job_log(long)][-1] == "done: t002"


def test_a_farm_s_worker_that_is_ended_queues_again_what_it_had(studio, monkeypatch):
    monkeypatch.setattr(Studio, "start_worker", lambda self: None)
    (row,) = studio.enqueue(again(studio, "sh010"), executor="ray")
    crew = farm_module.FarmCrew(studio.store, studio._farm(str, None))
    monkeypatch.setattr(crew, "_first", lambda: ended(studio.store.job(row["job"])))

    def ended(job):
        if job.done > 5:
            raise KeyboardInterrupt
        return job.id if job.pid is None else None

    with pytest.raises(KeyboardInterrupt):
        crew.work()
    left = studio.store.job(row["job"])
    assert (left.state, left.pid) == ("queued", None)


def test_status_lists_the_hosts_and_a_second_part_is_refused():
    (row,) = json.loads(v2v("farm", "status", "--json"))
    assert (row["state"], row["cores"], row["gpus"]) == ("up", 2, 0)
    with pytest.raises(Exception, match="this machine is part of a farm already"):
        cluster.up()


def test_whoever_does_not_know_the_secret_is_not_let_in(tmp_path):
    (tmp_path / "token").write_text("0" * 64)
    told = {**os.environ, "RAY_AUTH_TOKEN_PATH": str(tmp_path / "token"), "RAY_ADDRESS": cluster.part().address}
    asked = [sys.executable, "-m", "v2v_studio", "farm", "status"]
    done = subprocess.run(asked, env=told, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and "does not take us" in done.stderr
