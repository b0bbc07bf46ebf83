"""Workers as they are: processes that are killed, paused, cancelled, and outlive whoever started them."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.drift import drifting
from v2v_studio.executors.process import gone
from v2v_studio.project.check import held
from v2v_studio.studio import Studio
from v2v_studio.studio.work import lock_name

pytestmark = pytest.mark.slow

FRAMES = 110  # enough for a render to be met on its way
DRAFT = {"quality": "draft"}
PATIENCE = 60  # seconds that a loaded machine may take for what takes one


@pytest.fixture(scope="module")
def once(film, tmp_path_factory):
    """A shot that renders for some seconds, rendered without interruption as t001; and a short one beside it."""
    studio = Studio.create(tmp_path_factory.mktemp("work") / "myfilm")
    studio.ingest([drifting(tmp_path_factory.mktemp("pictures"), FRAMES + 4)], copy=True)
    studio.cut(detector="fixed", options={"every": FRAMES})
    studio.stylize(translator="filters", options={"preset": "poster"})
    studio.render(studio.plan(["sh010"], options=DRAFT), workers=1)
    shutil.rmtree(studio.store.folder / "cache")  # so that the next render takes as long
    return studio.store.folder


@pytest.fixture
def studio(once, tmp_path):
    return Studio(shutil.copytree(once, tmp_path / "myfilm"))


@pytest.fixture(autouse=True)
def _nobody_is_left(studio):
    """Whoever still works when a test ends is ended."""
    yield
    for job in studio.store.jobs():
        if job.state in ("queued", "running"):
            studio.cancel(job.id)
    until(lambda: not worked_on(studio))


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        threading.Event().wait(0.02)


def worked_on(studio):
    """Whether a worker is there."""
    return held(studio.store, lock_name())


def parent(pid):
    return int(subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout)


def begin(studio, *shots, **how):
    """Queue the shots to be rendered again; returns the jobs' names once the first is on its way."""
    jobs = [row["job"] for row in studio.enqueue(studio.plan(shots, options=DRAFT, again=True), **how)]
    until(lambda: studio.store.job(jobs[0]).done > 5)
    return jobs


def frames(studio, take, shot="sh010"):
    folder = studio.store.take_folder(shot, take) / "frames"
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def state(studio, job):
    return next(row["state"] for row in studio.job_rows() if row["job"] == job)


def as_uninterrupted(studio):
    return len(frames(studio, "t002")) == FRAMES and frames(studio, "t002") == frames(studio, "t001")


def test_paused_and_resumed_it_gives_the_bytes_of_an_uninterrupted_render(studio):
    (job,) = begin(studio, "sh010")
    studio.pause(job)
    until(lambda: not worked_on(studio))
    made = studio.store.job(job)
    assert (made.state, made.pid) == ("paused", None) and 5 < made.done < FRAMES
    assert len(studio.store.takes("sh010")) == 1
    studio.resume(job)
    until(lambda: state(studio, job) == "done")
    assert as_uninterrupted(studio)
    assert studio.store.job(job).seconds > made.seconds


def test_cancelled_it_stops_keeps_its_frames_and_can_be_retried(studio):
    (job,) = begin(studio, "sh010")
    studio.cancel(job)
    until(lambda: not worked_on(studio))
    assert state(studio, job) == "cancelled" and len(studio.store.takes("sh010")) == 1
    (kept,) = studio.store.folder.glob("shots/sh010/takes/.partial-*/frames")
    assert len(list(kept.iterdir())) > 5
    studio.retry(job)
    until(lambda: state(studio, job) == "done")
    assert as_uninterrupted(studio)


def test_a_worker_killed_takes_its_render_along_and_a_retry_goes_on_with_it(studio):
    (job,) = begin(studio, "sh010")
    child = studio.store.job(job).pid
    worker = parent(child)
    os.kill(worker, signal.SIGKILL)
    until(lambda: gone(worker) and gone(child))
    assert state(studio, job) == "failed"
    assert "was killed; go on with: v2v jobs --retry" in studio.store.job(job).message
    studio.retry(job)
    until(lambda: state(studio, job) == "done")
    assert as_uninterrupted(studio)


def test_a_render_killed_alone_fails_and_the_worker_goes_on_with_the_next(studio):
    job, other = begin(studio, "sh010", "sh020")
    os.kill(studio.store.job(job).pid, signal.SIGKILL)
    until(lambda: state(studio, other) == "done")
    until(lambda: not worked_on(studio))
    assert studio.store.job(job).state == "failed" and "was killed" in studio.store.job(job).message


def test_a_worker_asked_to_end_queues_again_what_it_had(studio):
    (job,) = begin(studio, "sh010")
    os.kill(parent(studio.store.job(job).pid), signal.SIGTERM)
    until(lambda: not worked_on(studio))
    left = studio.store.job(job)
    assert (left.state, left.pid) == ("queued", None)


def test_whoever_queued_it_may_end(studio):
    command = [sys.executable, "-m", "v2v_studio", "-C", str(studio.store.folder)]
    queued = subprocess.Popen(
        [*command, "render", "sh010", "--draft", "--again", "--background"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said, _ = queued.communicate()
    assert queued.returncode == 0 and "queued" in said
    until(lambda: worked_on(studio))
    with pytest.raises(ProcessLookupError):  # nothing of its session is left: the worker is in one of its own
        os.killpg(queued.pid, signal.SIGKILL)
    until(lambda: studio.store.job("j002").state == "done")
    assert as_uninterrupted(studio)
    until(lambda: len(studio.job_log("j002")) == 2)  # its last line comes after the record
    assert [line.split(" ", 1)[1] for line in studio.job_log("j002")] == ["render sh010", "done: t002"]


def test_two_who_queue_at_once_start_one_worker(studio):
    plans = [studio.plan([shot], options=DRAFT, again=True) for shot in ("sh010", "sh020")]
    both = [threading.Thread(target=Studio(studio.store.folder).enqueue, args=(plan,)) for plan in plans]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    until(lambda: [state(studio, job) for job in ("j002", "j003")] == ["done", "done"])
    until(lambda: not worked_on(studio))
    begun = [line for line in studio.store.job_log("worker").read_text().splitlines() if "takes" in line]
    assert sorted(line.split()[-1] for line in begun) == ["j002", "j003"]
    assert len({line.split()[1] for line in begun}) == 1
    assert as_uninterrupted(studio)


def test_what_a_job_s_process_says_is_in_its_log(studio):
    studio.store.change_job("j001", lambda job: job.changed(state="failed", task={"track": "restyle"}))
    studio.retry("j001")
    until(lambda: state(studio, "j001") == "failed")
    until(lambda: not worked_on(studio))
    said = [line.split(" ", 1)[1] for line in studio.job_log("j001")]
    assert said == ["render sh010", "jobs/j001.json does not say what is to be done; give the command again"]
