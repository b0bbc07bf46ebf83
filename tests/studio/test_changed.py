"""A user changes their mind: shots cut anew, trimmed, merged, another size, an older look, after there are takes."""

import os
import platform
import subprocess
import sys

import pytest

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.project.records import Job
from v2v_studio.studio.job import RenderJob, render_shot

DRAFT = {"quality": "draft"}


def render(studio, *shots, **options):
    return studio.render(studio.plan(shots, options=DRAFT, **options), workers=1)


def styled(studio):
    return studio.assemble()["exports"][0]["styled"]


def shown(studio, shot):
    return studio.shown(studio.store.shot(shot)).id


def test_first_frame_outside_a_trimmed_shot_is_said_before_rendering(rendered):
    rendered.trim("sh010", 1003, 1010)
    (plan,) = rendered.plan(["sh010"], options=DRAFT)
    assert (plan.what, plan.reason) == (
        "skip",
        "its first frame was made of frame 999, outside the shot; v2v stylize sh010",
    )


def test_take_of_a_trimmed_shot_still_shows_in_the_frames_that_are_left(rendered):
    rendered.trim("sh010", 1003, 1010)
    assert styled(rendered) == 36 - 5


def test_refit_makes_first_frames_again_as_they_were_made(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"}, seed=5, frame=1004)
    rendered.store.change_project(lambda project: project.changed(size=(48, 48)))
    (made, _, _) = rendered.refit(["sh010", "sh020", "sh030"])
    assert (made.params["preset"], made.seed, made.frame, made.size) == ("ink", 5, 3, (48, 32))
    assert [row["what"] for row in render(rendered)] == ["rendered"] * 3
    assert styled(rendered) == 36


def test_refit_of_a_trimmed_shot_takes_a_frame_that_it_has(rendered):
    rendered.trim("sh010", 1003, 1010)
    (made,) = rendered.refit(["sh010", "sh020"])
    assert (made.shot, made.frame) == ("sh010", 2)


def test_shot_that_was_split_and_merged_shows_its_take_all_along(rendered):
    rendered.split("sh020", 1005)
    (row,) = render(rendered, "sh020")
    assert (row["what"], shown(rendered, "sh020")) == ("reused", "t001")
    rendered.merge("sh020", "sh025")
    render(rendered)
    assert shown(rendered, "sh020") == "t001" and styled(rendered) == 36


def test_merged_shot_says_where_it_went(rendered):
    rendered.merge("sh010", "sh020")
    assert rendered.store.shot("sh020").note == "(merged into sh010)"


def test_going_back_to_an_earlier_look_shows_its_take(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"})
    render(rendered, "sh010")
    assert shown(rendered, "sh010") == "t002"
    rendered.stylize(["sh010"], "filters", {"preset": "poster"})
    (row,) = render(rendered, "sh010")
    assert (row["what"], shown(rendered, "sh010")) == ("reused", "t001")


def test_approved_take_stays_the_one_shown_when_another_is_rendered(rendered):
    rendered.review("sh010/t001", "approve")
    render(rendered, "sh010", again=True)
    assert shown(rendered, "sh010") == "t001" and rendered.store.shot("sh010").take == "t001"


def test_cutting_again_leaves_a_disabled_shot_disabled(rendered):
    rendered.disable("sh020")
    rendered.cut(again=True)
    assert [(shot.id, shot.status) for shot in rendered.shots()] == [
        ("sh010", "wip"),
        ("sh020", "omit"),
        ("sh030", "wip"),
    ]


def test_shots_put_aside_by_a_cut_come_back_with_the_cut_that_finds_them(rendered):
    rendered.cut(detector="fixed", options={"every": 18}, again=True)
    rendered.cut(again=True)
    assert [(shot.id, shot.status, shot.note) for shot in rendered.shots()] == [
        ("sh010", "wip", ""),
        ("sh020", "wip", ""),
        ("sh030", "wip", ""),
    ]


def test_shot_whose_frames_another_has_is_not_enabled(rendered):
    rendered.merge("sh010", "sh020")
    with pytest.raises(UsageError, match="sh010 has frames of sh020 by now"):
        rendered.enable("sh020")


def test_what_another_process_rendered_meanwhile_is_not_rendered_twice(rendered):
    (plan,) = rendered.plan(["sh010"], options=DRAFT, again=True)
    job = rendered.store.add_job(Job(shot="sh010", total=12))
    name = render_shot(RenderJob(str(rendered.store.folder), "sh010", plan.setup, plan.ask, job.id, again=False))
    assert name == "t001" and len(rendered.store.takes("sh010")) == 1
    assert not list(rendered.store.folder.glob("shots/sh010/takes/.partial*"))


def test_shot_named_twice_is_rendered_once(rendered):
    assert len(render(rendered, "sh010", "sh010", again=True)) == 1


def test_finished_job_has_done_all_of_its_frames(rendered):
    assert [(row["done"], row["total"], row["state"]) for row in rendered.job_rows()] == [
        (12, 12, "done"),
        (10, 10, "done"),
        (14, 14, "done"),
    ]


def test_job_whose_process_was_killed_is_not_said_to_run(rendered):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid, host in ((gone.pid, platform.node()), (os.getpid(), platform.node()), (gone.pid, "elsewhere")):
        rendered.store.add_job(Job(shot="sh010", state="running", total=12, pid=pid, host=host))
    assert [row["state"] for row in rendered.job_rows()[3:]] == ["failed", "running", "running"]


def test_stopped_render_closes_its_jobs(rendered):
    class Stopped:
        name = "local"

        def run(self, function, jobs):
            raise KeyboardInterrupt
            yield

    with pytest.raises(KeyboardInterrupt):
        rendered.render(rendered.plan(options=DRAFT, again=True), executor=Stopped())
    assert {row["state"] for row in rendered.job_rows()[3:]} == {"cancelled"}


@pytest.mark.parametrize("verb", ["plan", "stylize"])
def test_project_without_shots_says_what_to_do(empty, verb):
    with pytest.raises(ProjectError, match="has no shots yet; find them with: v2v cut"):
        getattr(empty, verb)()


def test_painting_that_is_not_there_is_named(rendered, tmp_path):
    with pytest.raises(MediaError, match=r"painted\.png does not exist"):
        rendered.stylize(["sh010"], "painted", {"file": str(tmp_path / "painted.png")})


def test_painting_of_another_shape_says_both_sizes(rendered, tmp_path):
    from v2v_studio.media.frames import read_png, write_png

    image = read_png(rendered.store.first_frame_image(rendered.store.first_frame("sh010", "ff001")))
    write_png(tmp_path / "painted.png", image[:, :, :64])
    with pytest.raises(MediaError, match="is 64x64 but the footage is 96x64"):
        rendered.stylize(["sh010"], "painted", {"file": str(tmp_path / "painted.png")})


def test_full_disk_is_said_before_anything_is_rendered(rendered, monkeypatch):
    from v2v_studio.errors import ResourceError

    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr("v2v_studio.studio.render.shutil.disk_usage", lambda folder: usage)
    with pytest.raises(ResourceError, match="0 MB are free; make room, or use --size"):
        render(rendered, again=True)


def test_disk_that_fills_up_while_rendering_fails_the_shot_and_loses_no_take(rendered, monkeypatch):
    import errno

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("v2v_studio.studio.shot_render.write_png", full)
        (row,) = render(rendered, "sh010", again=True)
    assert (row["what"], "No space left" in row["reason"]) == ("failed", True)
    assert [take.id for take in rendered.store.takes("sh010")] == ["t001"]
    assert render(rendered, "sh010", again=True)[0]["take"] == "t002"
