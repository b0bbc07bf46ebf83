"""The queue, its jobs carried out in this very process. `test_work.py` has the processes."""

import os
import platform
import shutil
import subprocess
import sys

import pytest

from v2v_studio.errors import MissingError, UsageError
from v2v_studio.executors.ray import Needs
from v2v_studio.project.records import Job
from v2v_studio.studio import Studio, ahead
from v2v_studio.studio import work as work_module
from v2v_studio.studio.farm import MOVED, moved, needs
from v2v_studio.studio.job_report import Report, this_process
from v2v_studio.studio.render import bytes_for, job_of
from v2v_studio.studio.work import Working
from v2v_studio.translators.base import TRANSLATORS

DRAFT = {"quality": "draft"}


class Ended:
    """A process that has done its work already."""

    pid = -1

    def __init__(self):
        self.sentinel, end = os.pipe()
        os.close(end)  # so that whoever waits for it need not

    def is_alive(self):
        return False

    def join(self):
        pass


@pytest.fixture
def studio(rendered, monkeypatch):
    """Nobody works on its queue but who calls `work`, and that in this process."""

    def here(function, arguments, log):
        function(*arguments)
        return Ended()

    monkeypatch.setattr(Studio, "start_worker", lambda self: None)
    monkeypatch.setattr(work_module, "apart", here)
    return rendered


def again(studio, *shots):
    return studio.plan(shots, options=DRAFT, again=True)


def rows(studio, *keys):
    return [tuple(row[key] for key in keys) for row in studio.job_rows()[3:]]  # the first three rendered the project


def test_queued_shots_are_named_with_their_jobs(studio):
    queued = studio.enqueue(again(studio, "sh010", "sh020"))
    assert [(row["job"], row["shot"], row["what"]) for row in queued] == [
        ("j004", "sh010", "queued"),
        ("j005", "sh020", "queued"),
    ]
    assert rows(studio, "job", "kind", "state", "done", "total") == [
        ("j004", "render", "queued", 0, 12),
        ("j005", "render", "queued", 0, 10),
    ]


def test_what_is_rendered_already_is_not_queued(studio):
    assert [(row["job"], row["what"]) for row in studio.enqueue(studio.plan(["sh010"], options=DRAFT))] == [
        (None, "reused")
    ]
    assert rows(studio, "job") == []


def test_the_same_asked_twice_is_queued_once(studio):
    first, second = (studio.enqueue(again(studio, "sh010"))[0]["job"] for _ in range(2))
    assert first == second == "j004"
    assert studio.enqueue(studio.plan(["sh010"], options={"quality": "final"}))[0]["job"] == "j005"


def test_work_gives_the_take_that_render_gives(studio):
    studio.enqueue(again(studio, "sh020"))
    studio.work(1)
    assert rows(studio, "state", "done", "total", "message") == [("done", 10, 10, "t002")]
    old, new = (studio.store.take("sh020", take) for take in ("t001", "t002"))
    assert new.fingerprint == old.fingerprint and studio.store.shot("sh020").take == "t002"


def test_a_range_asked_for_is_carried_out_as_asked(studio):
    ask = studio.ask(["sh010"], parent="t001", span="1004:1008")
    studio.enqueue(studio.plan(["sh010"], options=DRAFT, seed=3, ask=ask))
    studio.work(1)
    take = studio.store.take("sh010", "t002")
    assert (take.parent, take.span, take.recipe["seed"]) == ("t001", (3, 7), 3)


def test_a_mask_asked_for_is_carried_out_as_asked(studio, tmp_path):
    import numpy as np

    from v2v_studio.media.frames import write_png

    white = np.zeros((3, 64, 96), np.float32)
    white[:, :, :48] = 1
    write_png(tmp_path / "left.png", white)
    ask = studio.ask(["sh010"], mask=f"{tmp_path / 'left.png'}@1003", protect=True, feather=1.5)
    (plan,) = studio.plan(["sh010"], options=DRAFT, ask=ask)
    studio.enqueue([plan])
    studio.work(1)
    assert studio.store.take("sh010", "t002").recipe["mask"] == ask.mask.recipe


def test_higher_priority_goes_first_and_among_equals_the_older(studio, monkeypatch):
    order = []
    monkeypatch.setattr(work_module, "carry_out", lambda folder, name: order.append(name))
    for shot, priority in (("sh010", 0), ("sh020", 5), ("sh030", 0)):
        studio.enqueue(again(studio, shot), priority)
    studio.enqueue(studio.plan(["sh010"], options={"quality": "final"}))
    studio.prioritize("j006", 1)
    studio.work(1)
    assert order == ["j005", "j006", "j004", "j007"]


def test_a_paused_job_is_not_taken_and_goes_on_when_resumed(studio):
    studio.enqueue(again(studio, "sh010"))
    studio.pause("j004")
    studio.work(1)
    assert rows(studio, "state") == [("paused",)]
    studio.resume("j004")
    studio.work(1)
    assert rows(studio, "state") == [("done",)]


def test_a_cancelled_job_is_not_taken_until_it_is_retried(studio):
    studio.enqueue(again(studio, "sh010"))
    studio.cancel("j004")
    studio.work(1)
    assert rows(studio, "state") == [("cancelled",)]
    studio.retry("j004")
    studio.work(1)
    assert rows(studio, "state") == [("done",)]


def test_what_helps_a_job_is_stopped_and_goes_on_with_it(studio, monkeypatch):
    monkeypatch.setattr(ahead, "LONG", 3)
    studio.stylize(["sh010"], "filters", {"preset": "ink"}, frame=1006)
    plans = [*studio.plan(["sh010"], options=DRAFT), *again(studio, "sh020")]
    assert [row["job"] for row in studio.enqueue(plans, executor="ray")] == ["j004", "j005"]
    queued = [("render", "sh010", 12), ("render", "sh020", 10), ("stretch", "sh010", 6)]
    assert rows(studio, "kind", "shot", "total") == queued
    studio.pause("j004")
    assert rows(studio, "state") == [("paused",), ("queued",), ("paused",)]
    studio.resume("j004")
    assert rows(studio, "state") == [("queued",)] * 3
    studio.cancel("j006")
    assert rows(studio, "state") == [("queued",), ("queued",), ("cancelled",)]
    studio.retry("j006")
    studio.cancel("j004")
    assert rows(studio, "state") == [("cancelled",), ("queued",), ("cancelled",)]


def test_a_job_that_fails_says_why_and_stops_no_other(studio):
    studio.enqueue(again(studio, "sh010", "sh020"))
    image = studio.store.first_frame_image(studio.store.first_frame("sh010", "ff001"))
    image.rename(image.with_suffix(".away"))
    studio.work(1)
    (state, message), other = rows(studio, "state", "message")
    assert state == "failed" and "image.png does not exist" in message and other == ("done", "t002")
    image.with_suffix(".away").rename(image)
    studio.retry("j004")
    studio.work(1)
    assert rows(studio, "state", "message")[0] == ("done", "t002")


def test_a_job_whose_shot_is_gone_fails_with_the_sentence(studio):
    studio.store.add_job(Job(shot="sh990", task={**studio.store.job("j001").task}))
    studio.work(1)
    ((state, message),) = rows(studio, "state", "message")
    assert state == "failed" and "there is no shot 'sh990'" in message


def test_what_went_wrong_inside_us_is_told_in_full_in_the_log(studio, monkeypatch, capsys):
    def broken(job):
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(work_module, "render_shot", broken)
    studio.enqueue(again(studio, "sh010"))
    studio.work(1)
    said = "a bug (ZeroDivisionError: broken); please report it with the end of the job's log"
    assert rows(studio, "state", "message") == [("failed", said)]
    assert "ZeroDivisionError: broken" in capsys.readouterr().err


@pytest.mark.parametrize("task", [{}, {"track": "restyle"}, {"track": "none"}, {"track": "restyle", "ask": []}])
def test_a_record_spoiled_by_hand_fails_with_a_sentence(studio, task, capsys):
    studio.store.add_job(Job(shot="sh010", task=task))
    studio.work(1)
    assert rows(studio, "state") == [("failed",)] and "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("verb", "state", "said"),
    [
        ("pause", "done", "is done already; there is nothing to pause"),
        ("cancel", "failed", "is failed already; there is nothing to cancel"),
        ("resume", "queued", "is queued already; there is nothing to resume"),
        ("retry", "running", "is running already; there is nothing to retry"),
    ],
)
def test_what_a_job_s_state_does_not_allow_is_refused(studio, verb, state, said):
    job = studio.store.add_job(Job(shot="sh010", state=state, **(this_process() if state == "running" else {})))
    with pytest.raises(UsageError, match=said):
        getattr(studio, verb)(job.id)


def test_a_job_that_another_machine_left_can_be_cancelled_and_retried_here(studio):
    studio.enqueue(again(studio, "sh010"))
    elsewhere = {**this_process(), "state": "running", "host": "elsewhere"}
    studio.store.change_job("j004", lambda job: job.changed(**elsewhere))
    assert rows(studio, "state") == [("running",)]  # for all that is known here
    studio.cancel("j004")
    studio.retry("j004")
    studio.work(1)
    assert rows(studio, "state") == [("done",)]


def test_where_nothing_may_be_written_a_killed_job_is_shown_as_failed_all_the_same(studio, monkeypatch):
    studio.enqueue(again(studio, "sh010"))
    lost = {**this_process(), "state": "running", "born": "a moment of another boot"}
    studio.store.change_job("j004", lambda job: job.changed(**lost))

    def refused(name, change):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(studio.store, "change_job", refused)
    assert rows(studio, "state") == [("failed",)]
    assert studio.store.job("j004").state == "running"


def test_a_job_of_an_older_version_cannot_be_retried(studio):
    job = studio.store.add_job(Job(shot="sh010", state="failed"))
    with pytest.raises(UsageError, match="does not say what is to be done; give the command again"):
        studio.retry(job.id)


def test_a_foreground_render_that_failed_can_be_retried_in_the_background(studio):
    job = studio.store.job("j001")
    studio.store.change_job("j001", lambda one: one.changed(state="failed"))
    studio.retry("j001")
    studio.work(1)
    assert studio.store.job("j001").message == "t001" and job.task["track"] == "restyle"


def test_a_stop_that_is_taken_back_before_it_is_noticed_stops_nothing(studio):
    studio.enqueue(again(studio, "sh010"))
    report = Report(studio.store, "j004", 12)
    studio.pause("j004")
    studio.resume("j004")
    report.done(1)
    assert rows(studio, "state", "done") == [("running", 1)]


def test_a_stop_that_is_taken_back_while_it_is_followed_queues_the_job(studio):
    studio.enqueue(again(studio, "sh010"))
    report = Report(studio.store, "j004", 12)
    studio.pause("j004")
    with pytest.raises(Exception, match="sh010 was paused") as stopped:
        report.done(1)
    studio.resume("j004")
    report.stop(stopped.value)
    assert rows(studio, "state") == [("queued",)]
    assert studio.store.job("j004").pid is None


def test_a_job_paused_then_cancelled_is_cancelled(studio):
    studio.enqueue(again(studio, "sh010"))
    report = Report(studio.store, "j004", 12)
    studio.pause("j004")
    with pytest.raises(Exception, match="paused") as stopped:
        report.done(1)
    studio.cancel("j004")
    report.stop(stopped.value)
    assert rows(studio, "state") == [("cancelled",)]


def test_time_left_is_as_it_went_so_far_in_this_run(studio, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("v2v_studio.studio.job_report.time.monotonic", lambda: clock[0])
    studio.enqueue(again(studio, "sh010"))
    report = Report(studio.store, "j004", 12)
    report.done(4)  # of an earlier run
    clock[0] = 106.0
    report.done(7)  # 3 in 6 seconds, 5 to go
    assert rows(studio, "seconds", "left") == [(6.0, 10.0)]
    clock[0] = 107.0
    report.end("t002")
    assert rows(studio, "seconds", "left", "done") == [(7.0, None, 12)]


def test_seconds_of_all_runs_are_counted_together(studio, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("v2v_studio.studio.job_report.time.monotonic", lambda: clock[0])
    studio.enqueue(again(studio, "sh010"))
    for _ in range(2):
        report = Report(studio.store, "j004", 12)
        clock[0] += 5
        report.stop(ValueError("broken"))
        studio.retry("j004")
    assert rows(studio, "seconds") == [(10.0,)]


def test_a_job_whose_process_is_gone_has_failed_and_can_be_retried(studio):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    studio.enqueue(again(studio, "sh010"))
    lost = {"state": "running", "pid": ended.pid, "host": platform.node(), "born": "1"}
    studio.store.change_job("j004", lambda job: job.changed(**lost))
    assert rows(studio, "state", "message") == [("failed", "its process was killed; go on with: v2v jobs --retry j004")]
    studio.retry("j004")
    studio.work(1)
    assert rows(studio, "state") == [("done",)]


def test_another_process_with_the_same_number_is_not_taken_for_the_job_s(studio):
    studio.enqueue(again(studio, "sh010"))
    earlier = {**this_process(), "state": "running", "born": "a moment of another boot"}
    studio.store.change_job("j004", lambda job: job.changed(**earlier))
    assert rows(studio, "state") == [("failed",)]


def test_a_shot_that_waits_for_a_render_in_a_terminal_is_not_taken(studio):
    job = studio.store.add_job(studio.store.job("j001").changed(id="", state="queued", **this_process()))
    studio.work(1)
    assert studio.store.job(job.id).state == "queued"


def test_a_second_worker_leaves_the_work_to_the_first(studio, monkeypatch):
    monkeypatch.setattr(work_module, "GIVE_UP", 0.0)
    studio.enqueue(again(studio, "sh010"))
    with studio.store.lock(work_module.lock_name()):
        studio.work(1)
    assert rows(studio, "state") == [("queued",)]


def test_a_worker_that_is_there_is_not_started_again(rendered, monkeypatch):
    monkeypatch.setattr(work_module.subprocess, "Popen", lambda *_, **__: pytest.fail("a second worker"))
    with rendered.store.lock(work_module.lock_name()):
        assert rendered.enqueue(again(rendered, "sh010"))[0]["job"] == "j004"


def test_a_job_for_a_farm_is_left_to_the_worker_that_hands_it_there(studio, monkeypatch):
    monkeypatch.setattr(Studio, "start_worker", Working.start_worker)
    started = []
    monkeypatch.setattr(work_module.subprocess, "Popen", lambda command, **_: started.append(command[-2:]))
    studio.enqueue(again(studio, "sh010"), executor="ray")
    assert started == [["--executor", "ray"]]
    studio.enqueue(again(studio, "sh020"))
    studio.work(1)
    assert rows(studio, "shot", "state", "where") == [("sh010", "queued", ""), ("sh020", "done", "here")]
    with studio.store.lock(work_module.lock_name("ray")):
        started.clear()
        studio.pause("j004")
        studio.resume("j004")
    assert started == [] and studio.store.job("j004").executor == "ray"


def test_a_job_is_where_its_process_is(studio):
    studio.enqueue(again(studio, "sh010"))
    there = {**this_process(), "host": "render02", "state": "running"}
    studio.store.change_job("j004", lambda job: job.changed(**there))
    assert rows(studio, "where") == [("render02",)]


def test_what_a_job_needs_of_a_farm_is_what_its_track_loads(studio):
    (plan,) = again(studio, "sh010")
    plain = Job(**job_of(plan))
    network = plain.changed(alone=True, task={"motion_params": {"device": "auto"}, "params": {"device": "auto"}})
    on_cpu = network.changed(task={**network.task, "params": {"device": "cpu"}})
    assert needs(plain) == Needs(memory=bytes_for(plan)) != Needs()
    assert (needs(network).gpu, needs(network).alone) == (True, True)
    assert (needs(on_cpu).gpu, needs(on_cpu).alone) == (False, True)


def test_a_lost_worker_s_job_goes_on_unless_it_was_stopped(studio):
    studio.enqueue(again(studio, "sh010"))
    running = studio.store.change_job("j004", lambda job: job.changed(state="running", host="render02", pid=1))
    on = moved(running)
    assert (on.state, on.lost, on.pid, on.message) == ("queued", 1, os.getpid(), MOVED)
    assert [moved(running.changed(state=state)).state for state in ("paused", "cancelled")] == ["paused", "cancelled"]


def test_a_network_runs_beside_no_other_job(studio, monkeypatch):
    def together(alone):
        crew = work_module.Crew(studio.store, 2)
        monkeypatch.setattr(work_module, "apart", lambda *_: Ended())
        for name in ("j001", "j002"):
            studio.store.change_job(name, lambda job: job.changed(state="queued", pid=None, alone=alone == job.id))
        crew._fill()
        return sorted(crew._running)

    assert together(None) == ["j001", "j002"]
    assert together("j001") == ["j001"]
    assert together("j002") == ["j001"]


@pytest.mark.parametrize(("free", "taken"), [(6000, 3), (5999, 2), (10, 1), (None, 3)])
def test_jobs_run_beside_others_as_far_as_the_free_memory_goes(studio, monkeypatch, free, taken):
    monkeypatch.setattr(work_module, "free_memory", lambda: free)
    monkeypatch.setattr(work_module, "apart", lambda *_: Ended())
    for name in ("j001", "j002", "j003"):
        studio.store.change_job(name, lambda job: job.changed(state="queued", pid=None, memory=2000))
    crew = work_module.Crew(studio.store, 4)
    crew._fill()
    assert len(crew._running) == taken


@pytest.mark.parametrize(
    ("kind", "task", "message"),
    [
        ("cut", {"detector": "fixed", "options": {"every": 18}, "again": True}, "5 shots"),
        ("stylize", {"shots": ["sh020"], "translator": "filters", "options": {"preset": "ink"}}, "sh020/ff002"),
        ("assemble", {"formats": ["edl"]}, "cut01.edl"),
        ("reel", {"layout": "wipe"}, "cut01_reel.mp4"),
    ],
)
def test_other_verbs_are_jobs_too(studio, kind, task, message):
    job = studio.submit(kind, **task)
    assert (job.state, job.shot) == ("queued", "sh020" if kind == "stylize" else "")
    studio.work(1)
    done = studio.store.job(job.id)
    assert (done.state, done.done) == ("done", done.total) and done.message.endswith(message)


def test_footage_is_taken_in_by_a_job(studio, film, tmp_path):
    other = tmp_path / "other.mp4"
    other.write_bytes(film.read_bytes() + b"\0")
    studio.submit("ingest", paths=[str(other)])
    studio.work(1)
    assert rows(studio, "state", "message") == [("done", "a002")]


def test_a_job_is_told_nothing_that_a_queue_may_not(studio, tmp_path):
    with pytest.raises(UsageError, match="a job of kind reel takes no 'path'; it takes: layout, name"):
        studio.submit("reel", path=str(tmp_path / "out.mp4"))
    with pytest.raises(UsageError, match="'gc' is no kind of job; there are: render, ingest"):
        studio.submit("gc", budget=0)
    studio.store.add_job(Job(kind="reel", task={"path": str(tmp_path / "out.mp4")}))
    studio.work(1)
    assert rows(studio, "state") == [("failed",)] and not (tmp_path / "out.mp4").exists()


def test_a_look_that_is_none_is_refused_before_it_is_queued(studio):
    with pytest.raises(UsageError, match="unknown option of translator 'filters' 'present'"):
        studio.submit("stylize", shots=["sh010"], translator="filters", options={"present": "ink"})
    assert rows(studio, "job") == []


@pytest.mark.parametrize(("translator", "alone"), [("filters", False), ("text2img", True)])
def test_a_look_by_a_network_runs_alone(studio, translator, alone, monkeypatch):
    monkeypatch.setattr(TRANSLATORS.load("text2img"), "weights", lambda self, params: {})  # as if they were here
    options = {"prompt": "a poster"} if alone else {}
    assert studio.submit("stylize", shots=["sh010"], translator=translator, options=options).alone is alone


def test_a_look_without_its_weights_is_refused_before_it_is_queued(studio):
    with pytest.raises(MissingError, match="v2v models fetch"):
        studio.submit("stylize", shots=["sh010"], translator="text2img", options={"prompt": "a poster"})
    assert rows(studio, "job") == []


def test_a_queue_opens_no_picture_outside_the_project(studio, tmp_path):
    task = {"shots": ["sh010"], "translator": "painted", "options": {"file": str(tmp_path / "painted.png")}}
    image = studio.store.first_frame_image(studio.store.first_frame("sh010", "ff001"))
    shutil.copyfile(image, tmp_path / "painted.png")
    with pytest.raises(UsageError, match=r"painted\.png, which is not inside the project; upload it"):
        studio.submit("stylize", **task)
    studio.store.add_job(Job(kind="stylize", task=task))
    studio.work(1)
    ((state, message),) = rows(studio, "state", "message")
    assert state == "failed" and "is not inside the project" in message
    kept = shutil.copyfile(image, studio.store.folder / "cache" / "painted.png")
    studio.submit("stylize", shots=["sh010"], translator="painted", options={"file": str(kept)})
    studio.work(1)
    assert rows(studio, "state")[-1] == ("done",)


def test_a_log_s_last_lines_are_shown(studio):
    studio.enqueue(again(studio, "sh010"))
    assert studio.job_log("j004") == []
    studio.store.job_log("j004").write_text("".join(f"line {n}\n" for n in range(20_000)))
    assert studio.job_log("j004", 2) == ["line 19998", "line 19999"]
    assert rows(studio, "log") == [(["line 19997", "line 19998", "line 19999"],)]


def test_doctor_has_nothing_against_a_queue_and_its_logs(studio):
    studio.enqueue(again(studio, "sh010"))
    studio.store.job_log("j004").write_text("said\n")
    assert studio.doctor() == []
