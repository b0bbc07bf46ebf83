"""Several first frames, and a range of a take made anew."""

import numpy as np
import pytest

from v2v_studio.errors import Cancelled, UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.metrics.take import TakeMetrics
from v2v_studio.tracks.blend import COLOURS

DRAFT = {"quality": "draft"}


def render(studio, **asked):
    ask = studio.ask(["sh010"], **asked)
    return studio.render(studio.plan(["sh010"], options=DRAFT, ask=ask), workers=1)


def files(studio, name):
    take = studio.store.take("sh010", name)
    return {take.number(frame): studio.store.take_frame(take, frame) for frame in range(take.first, take.last)}


@pytest.fixture
def two(rendered):
    """A shot of twelve frames with a second first frame, of another look, on its last but one."""
    rendered.stylize(["sh010"], "filters", {"preset": "ink"}, frame=1011)
    return rendered


def test_each_first_frame_stands_on_its_own_frame(two):
    render(two, first_frames=("ff001", "ff002"))
    shown = files(two, "t002")
    for first in two.store.first_frames("sh010"):
        number = two.store.shot("sh010").number(first.frame)
        assert np.array_equal(read_png(shown[number]), read_png(two.store.first_frame_image(first)))


def test_before_and_after_them_all_a_frame_comes_from_the_nearest_alone(two):
    render(two, first_frames=("ff002",))
    render(two, first_frames=("ff001", "ff002"))
    assert np.array_equal(read_png(files(two, "t003")[1012]), read_png(files(two, "t002")[1012]))


def test_the_take_names_every_first_frame_it_was_carried_from(two):
    render(two, first_frames=("ff002", "ff001"))
    take = two.store.take("sh010", "t002")
    assert (take.first_frame, take.further) == ("ff001", ["ff002"])
    assert [further["frame"] for further in take.recipe["further"]] == [10]


def test_two_first_frames_of_one_frame_are_refused_by_name(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"})
    assert "ff001 and ff002 are both of frame 1001" in render(rendered, first_frames=("ff001", "ff002"))[0]["reason"]


BETWEEN = {"first_frames": ("ff001", "ff002")}
RETAKE = {"first_frames": ("ff002",), "parent": "t001", "span": "1003:1012"}


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "stop"), [(BETWEEN, 3), (BETWEEN, 8), (BETWEEN, 15), (RETAKE, 2), (RETAKE, 7)])
def test_interrupted_and_resumed_equals_one_go(two, monkeypatch, asked, stop):
    render(two, **asked)
    before, seen = {number: path.read_bytes() for number, path in files(two, "t002").items()}, []
    rows = two.metrics(two.store.take("sh010", "t002"))["rows"]
    add = TakeMetrics.add

    def tired(*arguments):
        seen.append(1)
        if len(seen) == stop:
            raise Cancelled("enough")
        return add(*arguments)

    monkeypatch.setattr(TakeMetrics, "add", tired)
    for _ in range(2):
        two.render(two.plan(["sh010"], options=DRAFT, again=True, ask=two.ask(["sh010"], **asked)), executor=Inline())
    assert {number: path.read_bytes() for number, path in files(two, "t003").items()} == before
    assert two.metrics(two.store.take("sh010", "t003"))["rows"] == rows


class Inline:
    """An executor that runs here."""

    name = "local"

    def run(self, function, jobs):
        from v2v_studio.errors import StudioError
        from v2v_studio.executors.base import Outcome

        for job in jobs:
            try:
                yield Outcome(job, function(job))
            except StudioError as error:
                yield Outcome(job, error=error)


def test_a_retake_changes_the_range_and_nothing_else(two):
    render(two, parent="t001", span="1009:1012", first_frames=("ff002",))
    before, after = files(two, "t001"), files(two, "t002")
    assert [n for n in before if before[n].read_bytes() != after[n].read_bytes()] == [1009, 1010, 1011]


def test_a_remade_range_begins_and_ends_between_its_parent_and_the_new_picture(two):
    render(two, first_frames=("ff002",))
    render(two, **RETAKE)
    parent, new, made = (files(two, name) for name in ("t001", "t002", "t003"))
    ways = []
    for number in range(1003, 1012):
        old, whole, shown = (read_png(take[number]) for take in (parent, new, made))
        ways.append(np.abs(shown - old).mean() / np.abs(whole - old).mean())
    # steps of a fifth; where the new first frame is not sure, and half of the parent's side is its neighbour, not quite
    assert 0.05 < ways[0] < ways[1] < ways[2] < ways[3] < ways[4] == 1
    assert 0.05 < ways[8] < ways[7] < ways[6] < ways[5] < ways[4]
    assert max(ways[0], ways[8]) < 0.35


def test_the_middle_of_a_remade_range_is_the_new_picture_however_short(two):
    render(two, first_frames=("ff002",))
    render(two, first_frames=("ff002",), parent="t001", span="1008:1011")
    assert np.array_equal(read_png(files(two, "t003")[1009]), read_png(files(two, "t002")[1009]))


def test_a_retake_that_changes_nothing_has_its_parents_pixels(two):
    render(two, first_frames=("ff001",), parent="t001", span="1003:1012")
    parent, made = files(two, "t001"), files(two, "t002")
    assert all(np.array_equal(read_png(made[number]), read_png(parent[number])) for number in parent)


def test_outside_a_mask_a_remade_range_stays_the_footage(two, tmp_path):
    mask = np.zeros((3, 64, 96), np.float32)
    mask[:, :, :48] = 1
    write_png(tmp_path / "left.png", mask)
    masked = {"mask": str(tmp_path / "left.png"), "feather": 0.0}
    render(two, first_frames=("ff001",), **masked)
    render(two, first_frames=("ff002",), parent="t002", span="1003:1012", **masked)
    before, after = (files(two, name) for name in ("t002", "t003"))
    for number in range(1003, 1012):
        outside = read_png(two.store.take_folder("sh010", "t003") / "masks" / f"{number}.png")[0] == 0
        assert outside.mean() > 0.2
        assert np.array_equal(read_png(after[number])[:, outside], read_png(before[number])[:, outside])


def test_frames_of_a_seam_are_measured_as_they_are_written(two, monkeypatch):
    measured, add = [], TakeMetrics.add

    def kept(self, source_prev, source, output_prev, output, flow):
        measured.append(output)
        return add(self, source_prev, source, output_prev, output, flow)

    monkeypatch.setattr(TakeMetrics, "add", kept)
    two.render(two.plan(["sh010"], options=DRAFT, ask=two.ask(["sh010"], **RETAKE)), executor=Inline())
    written = [read_png(path) for number, path in files(two, "t002").items() if 1003 <= number < 1011]
    assert all(np.array_equal(frame, shown) for frame, shown in zip(reversed(measured), written, strict=True))


def test_a_retake_shares_the_files_of_its_parent(two):
    render(two, parent="t001", span="1009:1012", first_frames=("ff002",))
    assert files(two, "t002")[1001].stat().st_ino == files(two, "t001")[1001].stat().st_ino


def test_a_retake_names_its_parent_and_its_range(two):
    render(two, parent="t001", span="1009:1012", first_frames=("ff002",))
    take = two.store.take("sh010", "t002")
    assert (take.parent, take.span) == ("t001", (8, 11))
    assert take.recipe["parent"] == two.store.take("sh010", "t001").fingerprint


def test_metrics_of_a_retake_hold_every_frame(two):
    render(two, parent="t001", span="1009:1012", first_frames=("ff002",))
    rows = two.metrics(two.store.take("sh010", "t002"))["rows"]
    kept = two.metrics(two.store.take("sh010", "t001"))["rows"]
    assert [row for row in rows if row["frame"] < 8] == [row for row in kept if row["frame"] < 8]
    assert {row["frame"] for row in rows} >= set(range(1, 10))


def test_the_plan_of_a_retake_counts_its_own_frames(two):
    ask = two.ask(["sh010"], first_frames=("ff002",), parent="t001", span="1009:1012")
    assert two.plan(["sh010"], options=DRAFT, ask=ask)[0].frames == 3


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"span": "1002:1004"}, "give both"),
        ({"parent": "t001"}, "give both"),
        ({"parent": "t001", "span": "1002-1004"}, "no range"),
        ({"parent": "t001", "span": "1004:1004"}, "holds frames 1001:1013"),
        ({"parent": "t001", "span": "1004:1400"}, "holds frames 1001:1013"),
        ({"parent": "t009", "span": "1002:1004"}, "there is no take"),
        ({"first_frames": ("ff009",)}, "there is no first frame"),
    ],
)
def test_what_cannot_be_is_refused_in_words(rendered, asked, words):
    with pytest.raises(UsageError, match=words):
        render(rendered, **asked)


def test_first_frames_are_asked_of_one_shot(rendered):
    with pytest.raises(UsageError, match="belong to one shot"):
        rendered.ask([], first_frames=("ff001",))


def test_sources_are_one_picture_of_who_gave_which_pixel(two, tmp_path):
    render(two, first_frames=("ff001", "ff002"))
    two.sources("sh010/t002", tmp_path / "sources.png")
    traced = read_png(two.store.take_folder("sh010", "t002") / "sources" / "1001.png")
    assert np.allclose(traced, COLOURS[0][:, None, None], atol=1 / 255)
    traced = read_png(two.store.take_folder("sh010", "t002") / "sources" / "1011.png")
    assert np.allclose(traced, COLOURS[1][:, None, None], atol=1 / 255)
    assert (tmp_path / "sources.png").exists()


def test_sources_of_a_retake_hold_every_frame(two):
    render(two, parent="t001", span="1009:1012", first_frames=("ff002",))
    folder = two.store.take_folder("sh010", "t002") / "sources"
    assert sorted(path.stem for path in folder.iterdir()) == [str(number) for number in range(1001, 1013)]


def test_sources_of_a_shot_without_a_take_are_refused(empty, film, tmp_path):
    empty.ingest([film])
    empty.cut()
    with pytest.raises(UsageError, match="has no take yet"):
        empty.sources("sh010", tmp_path / "sources.png")
