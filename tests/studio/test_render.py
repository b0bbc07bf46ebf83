import cv2
import numpy as np
import pytest

from v2v_studio.errors import StudioError, UsageError
from v2v_studio.executors.base import Outcome
from v2v_studio.media.frames import from_uint8, read_png, to_uint8, write_png
from v2v_studio.studio.job import render_shot

DRAFT = {"quality": "draft"}


class Inline:
    """An executor that runs here, after doing something first."""

    name = "local"

    def __init__(self, before=lambda job: None):
        self.before = before

    def run(self, function, jobs):
        for job in jobs:
            try:
                self.before(job)
                yield Outcome(job, function(job))
            except StudioError as error:
                yield Outcome(job, error=error)


def frames(studio, shot, take):
    take = studio.store.take(shot, take)
    return [studio.store.take_frame(take, frame).read_bytes() for frame in range(take.first, take.last)]


def what(plans):
    return [(plan.shot, plan.what, plan.reason) for plan in plans]


def test_take_has_a_frame_for_every_frame_of_the_shot(rendered):
    take = rendered.store.take("sh020", "t001")
    assert (take.first, take.last) == (12, 22) and len(frames(rendered, "sh020", "t001")) == 10


def test_frames_are_named_as_editors_expect(rendered):
    names = sorted(p.name for p in (rendered.store.take_folder("sh020", "t001") / "frames").iterdir())
    assert names[0] == "sh020_t001.1001.png" and names[-1] == "sh020_t001.1010.png"


def test_anchor_frame_is_the_first_frame_itself(rendered):
    take, first = rendered.store.take("sh010", "t001"), rendered.store.first_frame("sh010", "ff001")
    shown = read_png(rendered.store.take_frame(take, take.anchor))
    assert np.array_equal(shown, read_png(rendered.store.first_frame_image(first)))


def test_rendering_again_reuses(rendered):
    assert what(rendered.plan(["sh010"], options=DRAFT)) == [("sh010", "reuse", "nothing changed")]


def test_plan_says_what_changed(rendered):
    plans = rendered.plan(["sh010"], options={"quality": "final"})
    assert what(plans) == [("sh010", "render", "changed since t001: motion_params.quality, params.quality")]


def test_plan_says_that_the_look_changed(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"})
    assert what(rendered.plan(["sh010"], options=DRAFT)) == [
        ("sh010", "render", "changed since t001: first_frame.sha256")
    ]


def test_again_makes_a_second_take_with_the_same_bytes(rendered):
    rendered.render(rendered.plan(["sh020"], options=DRAFT, again=True), workers=1)
    assert frames(rendered, "sh020", "t001") == frames(rendered, "sh020", "t002")


def test_shot_without_first_frame_is_skipped_with_the_reason(empty, film):
    empty.ingest([film])
    empty.cut()
    assert empty.plan()[0].what == "skip" and "v2v stylize sh010" in empty.plan()[0].reason


@pytest.mark.slow
def test_processes_give_the_bytes_of_one_process(rendered):
    rendered.render(rendered.plan(options=DRAFT, again=True), workers=2)
    for shot in ("sh010", "sh020", "sh030"):
        assert frames(rendered, shot, "t001") == frames(rendered, shot, "t002")


def test_painting_on_a_later_frame_renders_both_ways(rendered):
    rendered.stylize(["sh020"], "filters", {"preset": "poster"}, frame=1006)
    rendered.render(rendered.plan(["sh020"], options=DRAFT), workers=1)
    take = rendered.store.take("sh020", "t002")
    assert (take.first, take.anchor, take.last) == (12, 17, 22) and len(frames(rendered, "sh020", "t002")) == 10


def test_one_bad_shot_stops_no_other(rendered, monkeypatch):
    def spoil(job):
        if job.shot == "sh020":
            raise StudioError("spoiled")

    rows = rendered.render(rendered.plan(options=DRAFT, again=True), executor=Inline(spoil))
    assert [row["what"] for row in rows] == ["rendered", "failed", "rendered"]
    assert [job["state"] for job in rendered.job_rows()][-3:] == ["done", "failed", "done"]


def test_cancelled_job_keeps_what_it_has_and_goes_on_later(rendered):
    rows = rendered.render(
        rendered.plan(["sh010"], options=DRAFT, again=True), executor=Inline(lambda job: rendered.cancel(job.job))
    )
    assert rows[0]["what"] == "failed" and "cancelled" in rows[0]["reason"]
    assert rendered.render(rendered.plan(["sh010"], options=DRAFT, again=True), workers=1)[0]["what"] == "rendered"


def test_finished_job_cannot_be_cancelled(rendered):
    with pytest.raises(UsageError, match="is done already"):
        rendered.cancel(rendered.job_rows()[0]["job"])


def test_metrics_have_a_row_for_every_frame_but_the_anchor(rendered):
    metrics = rendered.metrics(rendered.store.take("sh020", "t001"))
    assert [row["frame"] for row in metrics["rows"]] == list(range(13, 22))


def test_second_look_uses_the_motion_of_the_first(rendered, monkeypatch):
    from v2v_studio.flow.longrange import Tracker

    def never(*_):
        raise AssertionError("motion was estimated again")

    monkeypatch.setattr(Tracker, "step", never)
    rendered.stylize(["sh020"], "filters", {"preset": "ink"})
    assert rendered.render(rendered.plan(["sh020"], options=DRAFT), workers=1)[0]["what"] == "rendered"


def test_recipe_is_in_every_frame(rendered):
    from PIL import Image

    take = rendered.store.take("sh020", "t001")
    text = Image.open(rendered.store.take_frame(take, 15)).text["v2v"]
    import json

    assert json.loads(text) == take.recipe


def test_render_job_can_be_sent_to_another_process(rendered):
    import pickle

    sent = []
    rendered.render(rendered.plan(["sh010"], options=DRAFT, again=True), executor=Inline(sent.append))
    assert pickle.loads(pickle.dumps(sent[0])) == sent[0] and callable(render_shot)


def test_a_masked_take_is_the_source_bit_for_bit_outside_its_mask(rendered, tmp_path):
    shot = rendered.store.shot("sh010")
    white = np.zeros((3, *rendered.still(shot, 0).shape[1:]), np.float32)
    white[:, :, : white.shape[2] // 2] = 1
    write_png(tmp_path / "left.png", white)
    ask = rendered.ask(["sh010"], mask=f"{tmp_path / 'left.png'}@1001")
    rendered.render(rendered.plan(["sh010"], options=DRAFT, ask=ask), workers=1)
    masked, whole = rendered.store.take("sh010", "t002"), rendered.store.take("sh010", "t001")
    for frame in (0, 6, 11):
        mask = read_png(rendered.store.take_folder("sh010", "t002") / "masks" / f"{masked.number(frame)}.png")[0]
        shown, source = read_png(rendered.store.take_frame(masked, frame)), rendered.still(shot, frame)
        far = cv2.dilate(mask, np.ones((9, 9))) == 0  # beyond the feather
        inside = cv2.erode(mask, np.ones((9, 9))) == 1
        assert far.any() and np.array_equal(shown[:, far], from_uint8(to_uint8(source))[:, far])
        assert inside.any() and np.array_equal(
            shown[:, inside], read_png(rendered.store.take_frame(whole, frame))[:, inside]
        )
    assert masked.recipe["mask"]["frame"] == 0


def test_as_many_shots_at_once_as_the_memory_holds(rendered, monkeypatch):
    from v2v_studio.executors import machine
    from v2v_studio.studio.render import places_for

    monkeypatch.setattr(machine, "cores", lambda: 8)
    work = rendered.plan(options={"quality": "draft"}, again=True)
    needed = 150 * 10**6 + 400 * 96 * 64
    for free, places in ((3 * needed + 1, 3), (100 * needed, 8), (1, 1)):
        monkeypatch.setattr(machine, "free_memory", lambda free=free: free)
        assert places_for(work) == places


def test_planning_reads_every_take_as_often_however_many_shots_there_are(rendered, monkeypatch):
    read, of_shots = [], type(rendered.store).takes

    def takes(store, shot):
        read.append(shot)
        return of_shots(store, shot)

    monkeypatch.setattr(type(rendered.store), "takes", takes)
    rendered.plan(["sh010"], options=DRAFT)
    for_one = read.count("sh030")
    rendered.plan(options=DRAFT)
    assert for_one == 1 and read.count("sh030") < 6


def test_what_is_queued_at_once_reads_the_queue_once(rendered, monkeypatch):
    read, jobs = [], type(rendered.store).jobs
    monkeypatch.setattr(type(rendered.store), "jobs", lambda store: read.append(1) or jobs(store))
    monkeypatch.setattr(type(rendered), "start_worker", lambda self: None)
    rows = rendered.enqueue(rendered.plan(options=DRAFT, again=True))
    assert [row["job"] for row in rows] == ["j004", "j005", "j006"] and len(read) == 1
