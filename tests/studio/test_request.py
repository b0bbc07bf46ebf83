"""Which frames of a take a shot that grew can keep, and what is asked for as a queue has it."""

from types import SimpleNamespace

import pytest

from v2v_studio.project.records import CutRecord, Footage, Shot, TransitionRecord
from v2v_studio.studio.mask import Mask
from v2v_studio.studio.moves import Moves
from v2v_studio.studio.request import Ask, Request

DISSOLVES = {(10, 14): [0.2, 0.4, 0.6, 0.8], (40, 44): [0.2, 0.4, 0.6, 0.8]}


def request(start, end, parent=None, dissolves=DISSOLVES, span=None):
    """A shot of 60 frames of footage with a dissolve at frames 10 to 14 and at 40 to 44, and the take that it has."""
    mixed = [TransitionRecord(kind="dissolve", start=a, end=b, curve=curve) for (a, b), curve in dissolves.items()]
    footage = Footage(
        id="a001",
        path="a.mp4",
        sha256="0" * 64,
        bytes=1,
        kind="video",
        frames=60,
        rate="24",
        width=8,
        height=8,
        cut=CutRecord(detector="pelt", transitions=mixed).plain(),
    )
    shot, setup = Shot(id="sh010", footage="a001", start=start, end=end), SimpleNamespace(describe=dict)
    first = SimpleNamespace(id="ff001", frame=25, sha256="1" * 64)
    take = (
        SimpleNamespace(recipe=parent.recipe, of_shot=parent.recipe["shot"], fingerprint="2" * 64) if parent else None
    )
    return Request(shot, footage, (first,), setup, (8, 8), take, span)


@pytest.mark.parametrize(
    ("before", "after", "kept", "made"),
    [
        ((20, 30), (20, 35), (20, 30), [(30, 35)]),
        ((20, 30), (18, 30), (20, 30), [(18, 20)]),
        ((20, 30), (18, 35), (20, 30), [(18, 20), (30, 35)]),
        ((20, 30), (22, 35), (22, 30), [(30, 35)]),
        ((20, 30), (22, 28), (22, 28), []),
        ((14, 30), (14, 35), (10, 30), [(30, 35)]),  # with the dissolve before it
        ((14, 40), (12, 40), (14, 44), [(12, 14)]),  # frames 12 and 13 are the shot's own now, mixed as they are
        ((14, 40), (16, 42), (16, 40), [(40, 42)]),
        ((20, 30), (14, 40), (20, 30), [(10, 20), (30, 44)]),  # up to both dissolves
    ],
)
def test_frames_whose_footage_is_as_it_was_are_kept(before, after, kept, made):
    grown = request(*after, parent=request(*before))
    assert (grown.kept, grown.made) == (kept, made)


def test_a_dissolve_that_was_measured_anew_is_made_anew():
    other = {**DISSOLVES, (10, 14): [0.1, 0.3, 0.7, 0.9]}
    assert request(14, 30, parent=request(14, 30), dissolves=other).made == [(10, 14)]


def test_every_frame_is_made_or_kept():
    grown = request(18, 35, parent=request(20, 30))
    assert [frame for frame in range(18, 35) if grown.makes(frame)] == [18, 19, *range(30, 35)]
    assert (grown.count, grown.wanted) == (7, (18, 35))


def test_legs_reach_the_new_frames_alone():
    grown = request(18, 35, parent=request(20, 30))
    assert [(leg.direction, leg.start, leg.stop) for leg in grown.legs] == [("backward", 25, 18), ("forward", 25, 34)]
    assert [leg.stop for leg in request(20, 35, parent=request(20, 30)).legs] == [34]


def test_the_recipe_says_what_is_kept_and_that_of_a_range_what_is_made():
    parent = request(20, 30)
    assert request(20, 35, parent).recipe["kept"] == [20, 30]
    assert request(20, 30, parent, span=(22, 24)).recipe["span"] == [22, 24]
    assert not {"parent", "kept", "span"} & parent.recipe.keys()


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(("ff001", "ff002"), "t001", (12, 20), Mask("0" * 64, 12, True, 2.5)),
        Ask(moves=Moves("1" * 64, ((0, "forward", 5), (0, "backward", 3)))),
    ],
)
def test_what_is_asked_for_survives_the_queue(ask):
    assert Ask.from_plain(ask.plain()) == ask
