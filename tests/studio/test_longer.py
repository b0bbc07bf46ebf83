"""A shot that became longer: what is rendered of it stays, and only the frames it lacks are made."""

import json
import shutil
from xml.etree import ElementTree

import numpy as np
import opentimelineio as otio
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.executors.base import Outcome
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.renderers.embedded.draft import Draft
from v2v_studio.renderers.embedded.final import Final
from v2v_studio.studio import Studio

pytestmark = pytest.mark.slow

DRAFT = {"quality": "draft"}
FINAL = {"quality": "final"}
RATE = 24000 / 1001
SHORT = (14, 20)  # of sh020, whose footage is frames 12 to 22


class Inline:
    """An executor that runs here."""

    name = "local"

    def run(self, function, jobs):
        for job in jobs:
            yield Outcome(job, function(job))


@pytest.fixture(scope="session")
def short_once(film, tmp_path_factory):
    """A project whose sh020 was trimmed to SHORT before it was painted, on its frame 16, and rendered."""
    studio = Studio.create(tmp_path_factory.mktemp("longer") / "myfilm")
    studio.ingest([film], copy=True)
    studio.cut()
    studio.trim("sh020", 1003, 1009)
    studio.stylize(["sh020"], "filters", {"preset": "ink"}, frame=1003)
    render(studio)
    return studio.store.folder


@pytest.fixture
def short(short_once, tmp_path):
    shutil.copytree(short_once, tmp_path / "myfilm")
    return Studio(tmp_path / "myfilm")


def render(studio, options=DRAFT, again=False, seed=None, **asked):
    ask = studio.ask(["sh020"], **asked)
    plans = studio.plan(["sh020"], options=options, again=again, seed=seed, ask=ask)
    (row,) = studio.render(plans, executor=Inline())
    assert row["what"] in ("rendered", "reused"), row
    return studio.store.take("sh020", row["take"])


def play(studio, start, end):
    """Have a cut that was made elsewhere play frames [start, end) of the footage as sh020."""
    timeline = otio.adapters.read_from_file(studio.assemble(formats=["otio"])["timeline"])
    clip = next(clip for clip in timeline.find_clips() if clip.name == "sh020").deepcopy()
    time = otio.opentime.RationalTime
    clip.source_range = otio.opentime.TimeRange(time(start, RATE), time(end - start, RATE))
    timeline.tracks[0][:] = [clip]
    path = studio.store.folder.parent / "changed.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return studio.import_cut(path)["rows"][0]


def files(studio, take):
    """Footage frame -> file."""
    return {frame: studio.store.take_frame(take, frame) for frame in range(take.first, take.last)}


def pixels(studio, take):
    return {frame: read_png(file) for frame, file in files(studio, take).items()}


def same_pixels(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[frame], other[frame]) for frame in one)


def beside(studio, take, name):
    return (studio.store.take_folder(take.shot, take.id) / name).read_bytes()


longer = pytest.mark.parametrize(
    ("start", "end", "new"),
    [(14, 22, [20, 21]), (12, 20, [12, 13]), (12, 22, [12, 13, 20, 21]), (15, 22, [20, 21]), (13, 18, [13])],
    ids=["at its end", "at its start", "at both", "at its end, cut at its start", "at its start, cut at its end"],
)


def resized(studio, start, end):
    """As `v2v trim` and `v2v import` do it."""
    studio.store.change_shot("sh020", lambda shot: shot.changed(start=start, end=end))


@pytest.mark.parametrize(("start", "end", "new"), [(14, 22, 2), (12, 20, 2), (12, 22, 4)])
def test_imported_cut_that_plays_on_renders_the_new_frames_alone(short, start, end, new):
    row = play(short, start, end)
    assert (row["what"], row["render"]) == ("extended", new)
    (plan,) = short.plan(["sh020"], options=DRAFT)
    assert (plan.what, plan.frames, plan.reason) == ("render", new, "longer than t001, whose frames are kept")


@longer
def test_every_other_file_is_the_parents(short, start, end, new):
    resized(short, start, end)
    known, grown = files(short, short.store.take("sh020", "t001")), files(short, render(short))
    assert list(grown) == list(range(start, end))
    assert [frame for frame, file in grown.items() if file.stat().st_nlink == 1] == new
    assert all(grown[frame].samefile(known[frame]) for frame in grown if frame not in new)


@longer
def test_a_take_that_went_on_is_the_take_made_in_one_go(short, start, end, new):
    resized(short, start, end)
    grown, whole = render(short), render(short, again=True)
    assert (grown.id, whole.id, whole.parent) == ("t002", "t003", None)
    assert same_pixels(pixels(short, grown), pixels(short, whole))
    assert beside(short, grown, "preview.mp4") == beside(short, whole, "preview.mp4")
    assert beside(short, grown, "metrics.json") == beside(short, whole, "metrics.json")


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(True, id="with the carry of its parent"),
        pytest.param(False, id="without it", marks=pytest.mark.slow),
    ],
)
def test_at_full_quality_too_it_is_the_take_made_in_one_go(short, kept):
    render(short, FINAL)
    resized(short, 12, 22)
    if not kept:
        shutil.rmtree(short.store.folder / "cache")
    grown = render(short, FINAL)
    assert (grown.parent, grown.recipe["kept"]) == ("t002", [14, 20])
    assert same_pixels(pixels(short, grown), pixels(short, render(short, FINAL, again=True)))


@pytest.mark.parametrize(("kept", "count"), [(True, 2), (False, 5)], ids=["carry known", "passed through again"])
def test_frames_of_the_parent_are_not_rendered_again(short, monkeypatch, kept, count):
    """Of the frames 17 to 21, which lie after the first frame's, 20 and 21 are new."""
    resized(short, 14, 22)
    if not kept:
        shutil.rmtree(short.store.folder / "cache" / "carry")
    assert len(counted(short, monkeypatch, Draft, DRAFT)) == count


def counted(studio, monkeypatch, renderer, options):
    """Frames that a renderer is asked for, here in this process."""
    asked, render = [], renderer.render

    def told(self, window, motion, carry):
        asked.append(window.start)
        return render(self, window, motion, carry)

    monkeypatch.setattr(renderer, "render", told)
    studio.render(studio.plan(["sh020"], options=options), executor=Inline())
    return asked


def test_it_goes_on_again_from_a_take_that_went_on(short, monkeypatch):
    resized(short, 14, 22)
    render(short)
    resized(short, 12, 22)
    assert len(counted(short, monkeypatch, Draft, DRAFT)) == 2
    grown, whole = short.store.take("sh020", "t003"), render(short, again=True)
    assert (grown.parent, grown.recipe["kept"]) == ("t002", [14, 22])
    assert same_pixels(pixels(short, grown), pixels(short, whole))


def test_the_recipe_names_the_parent_and_what_is_kept_of_it(short):
    resized(short, 13, 22)
    take, parent = render(short), short.store.take("sh020", "t001")
    assert (take.parent, take.span, take.start) == ("t001", None, 13)
    assert (take.recipe["parent"], take.recipe["kept"]) == (parent.fingerprint, [14, 20])


def test_frames_are_numbered_from_the_new_start(short):
    resized(short, 12, 20)
    take = render(short)
    assert files(short, take)[14].name == "sh020_t002.1003.png"
    assert files(short, short.store.take("sh020", "t001"))[14].name == "sh020_t001.1001.png"
    traced = sorted((short.store.take_folder("sh020", "t002") / "sources").iterdir())
    assert [path.stem for path in traced] == [str(number) for number in range(1001, 1009)]


def test_it_is_reused_once_it_is_there(short):
    resized(short, 12, 22)
    render(short)
    (plan,) = short.plan(["sh020"], options=DRAFT)
    assert (plan.what, plan.take) == ("reuse", "t002")


def test_a_shot_cut_short_shows_the_take_it_has(short):
    short.trim("sh020", 1001, 1004)
    (plan,) = short.plan(["sh020"], options=DRAFT)
    assert (plan.what, plan.take, plan.reason) == ("reuse", "t001", "t001 has every frame of it")


@pytest.mark.parametrize("other", ["seed", "option", "first frame", "rejected", "again"])
def test_what_is_made_otherwise_is_rendered_whole(short, other):
    resized(short, 14, 22)
    asked = {"options": DRAFT}
    if other == "seed":
        asked["seed"] = 7
    elif other == "option":
        asked["options"] = FINAL
    elif other == "first frame":
        short.stylize(["sh020"], "filters", {"preset": "poster"})
    elif other == "rejected":
        short.review("sh020/t001", "reject")
    else:
        asked["again"] = True
    (plan,) = short.plan(["sh020"], **asked)
    assert (plan.frames, plan.ask.parent) == (8, None)


def test_asked_for_again_is_the_reason_where_nothing_else_is(short):
    resized(short, 14, 22)
    render(short)
    assert short.plan(["sh020"], options=DRAFT, again=True)[0].reason == "asked for again"


def test_a_range_that_was_remade_is_kept(short):
    short.stylize(["sh020"], "filters", {"preset": "poster"})
    short.pick("sh020", ["ff001"])
    retake = render(short, parent="t001", span="1002:1003", first_frames=("ff002",))
    resized(short, 14, 22)
    grown = render(short)
    assert (retake.id, grown.parent) == ("t002", "t002")
    assert files(short, grown)[15].samefile(files(short, retake)[15])


@pytest.mark.parametrize("frame", [12, 16], ids=["new", "the parent's"])
def test_replay_of_a_frame_agrees(short, frame):
    resized(short, 12, 22)
    replayed = short.replay(files(short, render(short))[frame])
    assert replayed.agrees, replayed


def test_replay_of_the_whole_take_agrees(short):
    resized(short, 12, 22)
    assert short.replay(short.store.take_folder("sh020", render(short).id)).agrees


def test_replay_of_a_frame_that_was_copied_away_agrees(short, tmp_path):
    resized(short, 12, 20)
    copy = tmp_path / "elsewhere.1005.png"
    shutil.copyfile(files(short, render(short))[16], copy)
    assert short.replay(copy).made == "frame 1003"  # as it was numbered when it was made


def test_stopped_and_taken_up_again_is_one_go(short, monkeypatch):
    from v2v_studio.errors import Cancelled
    from v2v_studio.studio.shot_render import ShotRender

    resized(short, 12, 22)
    add, seen = ShotRender._add, []

    def tired(self, *arguments):
        seen.append(1)
        if len(seen) == 3:
            raise Cancelled("enough")
        return add(self, *arguments)

    with monkeypatch.context() as patched, pytest.raises(Cancelled):
        patched.setattr(ShotRender, "_add", tired)
        counted(short, patched, Final, DRAFT)
    (plan,) = short.plan(["sh020"], options=DRAFT)
    assert (plan.what, plan.frames) == ("resume", 2)
    grown = render(short)
    assert same_pixels(pixels(short, grown), pixels(short, render(short, again=True)))


def test_frames_of_the_take_beyond_a_shot_that_was_cut_short_are_its_handles(short):
    short.trim("sh020", 1002, 1005)  # frames 15 to 18, of a take of 14 to 20
    made = short.assemble(formats=["otio", "edl", "fcpxml"], handles=5)
    clip = next(c for c in otio.adapters.read_from_file(made["timeline"]).find_clips() if c.name == "sh020")
    media, used = clip.media_reference.available_range, clip.source_range
    assert clip.active_media_reference_key == "t001"
    assert (media.start_time.to_frames(), media.duration.to_frames()) == (14, 6)
    assert (used.start_time.to_frames(), used.duration.to_frames()) == (15, 3)
    assert clip.metadata["v2v"]["handles"] == {"wanted": 5, "before": 1, "after": 2}
    exports = short.store.folder / "exports"
    assert "HANDLES: 1 BEFORE, 2 AFTER" in (exports / "cut01.edl").read_text()
    (asset,) = (a for a in ElementTree.parse(exports / "cut01.fcpxml").iter("asset") if "t001" in a.get("name"))
    assert (asset.get("start"), asset.get("duration")) == ("14014/24000s", "6006/24000s")


@pytest.mark.slow
def test_two_first_frames_go_on_at_both_ends(short):
    short.stylize(["sh020"], "filters", {"preset": "poster"}, frame=1005)
    both = {"first_frames": ("ff001", "ff002")}
    render(short, **both)
    resized(short, 12, 22)
    grown = render(short, **both)
    assert (grown.parent, grown.recipe["kept"]) == ("t002", [14, 20])
    assert same_pixels(pixels(short, grown), pixels(short, render(short, again=True, **both)))


@pytest.mark.slow
def test_a_masked_take_goes_on_masked(short, tmp_path):
    painted = np.zeros((3, 64, 96), np.float32)
    painted[:, 16:48, 24:72] = 1
    write_png(tmp_path / "mask.png", painted)
    at = {"mask": f"{tmp_path / 'mask.png'}@1003"}
    render(short, **at)
    resized(short, 12, 22)
    at = {"mask": f"{tmp_path / 'mask.png'}@1005"}  # the same frame, counted from the new start
    grown = render(short, **at)
    assert (grown.parent, grown.recipe["kept"]) == ("t002", [14, 20])
    assert same_pixels(pixels(short, grown), pixels(short, render(short, again=True, **at)))


@pytest.mark.parametrize("parent", ["t009", "t002"], ids=["gone", "itself"])
def test_a_take_whose_own_parent_cannot_be_followed_is_judged_alone(short, parent):
    take = render(short, seed=7)
    path = short.store.take_folder("sh020", take.id) / "take.json"
    path.write_text(json.dumps({**take.plain(), "parent": parent}))
    resized(short, 14, 22)
    assert short.plan(["sh020"], options=DRAFT)[0].ask.parent == "t001"
    assert short.plan(["sh020"], options=DRAFT, seed=7)[0].ask.parent == "t002"
    assert short.plan(["sh020"], options=DRAFT, seed=8)[0].ask.parent is None


@pytest.mark.parametrize("other", ["seed", "option", "first frame", "mask"])
def test_a_range_remade_otherwise_is_not_the_take_made_so(short, tmp_path, other):
    """Only one frame of t002 is so; the others are as t001."""
    short.stylize(["sh020"], "filters", {"preset": "poster"})
    short.pick("sh020", ["ff001"])
    painted = np.zeros((3, 64, 96), np.float32)
    painted[:, 16:48, 24:72] = 1
    write_png(tmp_path / "mask.png", painted)
    options, seed, asked = FINAL if other == "option" else DRAFT, 7 if other == "seed" else None, {}
    if other == "first frame":
        asked = {"first_frames": ("ff002",)}
    elif other == "mask":
        asked = {"mask": f"{tmp_path / 'mask.png'}@1003"}
    render(short, options, seed=seed, parent="t001", span="1003:1004", **asked)
    (plan,) = short.plan(["sh020"], options=options, seed=seed, ask=short.ask(["sh020"], **asked))
    assert (plan.what, plan.frames, plan.ask.parent) == ("render", 6, None)


def test_the_reason_is_then_that_only_a_range_is_so(short):
    render(short, seed=7, parent="t001", span="1003:1004")
    assert short.plan(["sh020"], options=DRAFT, seed=7)[0].reason == "t002 is so in a range alone"


def test_what_a_range_made_otherwise_hands_on_is_not_gone_on_from(short, monkeypatch):
    render(short, FINAL, parent="t001", span="1005:1007")
    resized(short, 14, 22)
    assert len(counted(short, monkeypatch, Draft, DRAFT)) == 5  # all from the first frame on, as without a carry
    assert short.store.take("sh020", "t003").parent == "t002"


def test_a_range_is_remade_of_a_shot_that_became_shorter_once_that_is_rendered(short):
    short.trim("sh020", 1001, 1005)
    with pytest.raises(UsageError, match=r"another range or size than t001 has; render it first with: .* --again"):
        render(short, parent="t001", span="1002:1003")
    take = render(short, again=True)
    assert render(short, parent=take.id, span="1002:1003").parent == take.id
