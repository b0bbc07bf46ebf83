"""The queue from the command line; nobody works on it but `work`."""

import json

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.cli.jobs import minutes
from v2v_studio.studio import Studio


@pytest.fixture
def v2v(rendered, monkeypatch):
    monkeypatch.setattr(Studio, "start_worker", lambda self: None)

    def run(*arguments, code=0):
        done = CliRunner().invoke(cli, ["-C", str(rendered.store.folder), *arguments])
        assert done.exit_code == code, (done.output, done.exception)
        return done.stdout

    return run


def jobs(v2v):
    return {row["job"]: row for row in json.loads(v2v("jobs", "--json"))[3:]}


def queue(v2v, *arguments):
    return json.loads(v2v("render", "--draft", "--again", "--background", "--json", *arguments))


def test_rendering_in_the_background_names_the_jobs(v2v):
    assert [(row["job"], row["shot"], row["what"]) for row in queue(v2v, "sh010", "sh030", "--priority", "2")] == [
        ("j004", "sh010", "queued"),
        ("j005", "sh030", "queued"),
    ]
    assert {(row["state"], row["priority"]) for row in jobs(v2v).values()} == {("queued", 2)}


def test_a_job_is_held_released_stopped_and_queued_again(v2v):
    queue(v2v, "sh010")
    for flag, state in (
        ("--pause", "paused"),
        ("--resume", "queued"),
        ("--cancel", "cancelled"),
        ("--retry", "queued"),
    ):
        assert state in v2v("jobs", flag, "j004").splitlines()[-1]
        assert jobs(v2v)["j004"]["state"] == state


def test_a_job_is_put_before_others(v2v):
    queue(v2v, "sh010")
    v2v("jobs", "--priority", "j004", "7")
    assert jobs(v2v)["j004"]["priority"] == 7


def test_a_job_s_log_is_printed(v2v, rendered):
    queue(v2v, "sh010")
    rendered.store.job_log("j004").write_text("one\ntwo\n")
    assert v2v("jobs", "--log", "j004") == "one\ntwo\n"


def test_following_ends_at_once_where_nothing_is_left_to_wait_for(v2v):
    assert len(v2v("jobs", "--follow").splitlines()) == 4


@pytest.mark.slow
def test_work_carries_out_what_is_queued(v2v):
    queue(v2v, "sh010", "sh020")
    v2v("work", "--workers", "2")
    assert {(row["state"], row["message"]) for row in jobs(v2v).values()} == {("done", "t002")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pause", "j099"), "there is no job 'j099'"),
        (("--log", "../project"), "is not the name of a job"),
        (("--resume", "j001"), "job j001 is done already; there is nothing to resume"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(v2v, arguments, said, rendered):
    done = CliRunner().invoke(cli, ["-C", str(rendered.store.folder), "jobs", *arguments])
    assert said in str(done.exception)


@pytest.mark.parametrize(("seconds", "text"), [(None, ""), (0.4, "0:00"), (75.2, "1:15"), (3600, "60:00")])
def test_time_left_is_shown_in_minutes(seconds, text):
    assert minutes(seconds) == text


def test_a_shot_is_drawn_on_and_cleared(v2v, tmp_path):
    box = {"phrase": "a ball", "keys": [{"frame": 0, "box": [1, 2, 30, 20]}]}
    (tmp_path / "boxes.json").write_text(json.dumps([box]))
    said = v2v("draw", "sh010", "--drag", "4,5 20,5", "--drag", "1,1", "--boxes", str(tmp_path / "boxes.json"))
    assert said == "sh010: 2 drags, 1 boxes on 96x64\n"
    assert json.loads(v2v("draw", "sh010", "--json"))["drags"] == [[[4, 5], [20, 5]], [[1, 1]]]
    assert v2v("draw", "sh010", "--clear") == "sh010: 0 drags, 0 boxes on 96x64\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--drag", "4,5 20"), "'4,5 20' is not a path"),
        (("--boxes", "boxes.json"), "does not hold a list of boxes"),
    ],
)
def test_what_cannot_be_drawn_is_said_so(v2v, rendered, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boxes.json").write_text('{"phrase": "a ball"}')
    done = CliRunner().invoke(cli, ["-C", str(rendered.store.folder), "draw", "sh010", *arguments])
    assert done.exit_code == 2 and said in done.output


def test_a_take_s_frames_are_listed(v2v):
    rows = json.loads(v2v("takes", "sh020/t001", "--frames", "--json"))
    assert [row["frame"] for row in rows] == list(range(1001, 1011))
    assert v2v("takes", "sh020/t001", "--frames").splitlines()[0].split() == [
        "frame",
        "visible",
        "temporal",
        "drift",
        "flagged",
    ]


def test_a_take_s_command_is_printed(v2v, rendered):
    assert v2v("takes", "sh020/t001", "--command") == rendered.command("sh020/t001") + "\n"


def test_a_note_is_pinned_to_a_box(v2v, rendered):
    v2v("review", "sh020/t001", "note", "here", "--frame", "1004", "--box", "40,20,16,8")
    assert rendered.store.review("sh020", "t001").notes[0].box == (40, 20, 16, 8)
    v2v("review", "sh020/t001", "note", "here", "--frame", "1004", "--box", "40,20", code=2)
