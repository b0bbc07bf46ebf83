from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v2v_studio.errors import StudioError, UsageError
from v2v_studio.project.recipe import EditRecipe, FirstFrameRecipe, TakeRecipe, believed, edit_recipe
from v2v_studio.project.records import Footage, Shot, Take

A, B, C = "a" * 64, "b" * 64, "c" * 64
TAKE = {
    "footage": A,
    "shot": [0, 12],
    "frames": [0, 14],
    "transitions": [["dissolve", 12, 14, [0.25, 0.75], 0.0]],
    "size": [96, 64],
    "first_frame": {"frame": 3, "sha256": B},
    "track": "restyle",
    "motion": "estimate",
    "motion_params": {"quality": "draft"},
    "renderer": "embedded",
    "params": {"quality": "draft"},
    "seed": 0,
    "v2v_studio": "0.1.0",
}
FIRST = {"footage": A, "frame": 3, "size": [96, 64], "translator": "filters", "params": {"preset": "oil"}, "seed": 0}
EDIT = {
    "footages": {"a001": {"sha256": A, "transitions": []}},
    "spans": [["a001", 0, 36]],
    "size": [96, 64],
    "form": "mp4",
    "crf": 16,
    "shots": {"sh010": {"footage": "a001", "range": [0, 12], "take": C}},
    "takes": {C: TAKE},
}


def test_recipes_are_told_apart():
    kinds = [type(believed(raw, "x.png")) for raw in (TAKE, FIRST, EDIT)]
    assert kinds == [TakeRecipe, FirstFrameRecipe, EditRecipe]


def test_first_frames_are_the_first_and_the_further():
    raw = TAKE | {"further": [{"frame": 9, "sha256": C}]}
    assert [one.frame for one in believed(raw, "x.png").first_frames] == [3, 9]


def test_value_of_a_later_version_is_let_pass():
    assert believed(TAKE | {"weather": "fine"}, "x.png") == believed(TAKE, "x.png")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"size": [10**9, 64]}, "size.0"),
        ({"size": [96.5, 64]}, "size.0"),
        ({"frames": [0, 10**12]}, "frames.1"),
        ({"shot": [5, 5]}, "it"),
        ({"shot": [0, 15]}, "it"),
        ({"seed": 2**80}, "seed"),
        ({"seed": "7"}, "seed"),
        ({"track": "../../etc"}, "track"),
        ({"footage": "/etc/passwd"}, "footage"),
        ({"first_frame": {"frame": -1, "sha256": B}}, "first_frame.frame"),
        ({"first_frame": {"frame": 1, "sha256": "../x"}}, "first_frame.sha256"),
        ({"params": {str(i): i for i in range(65)}}, "params"),
        ({"params": [1]}, "params"),
        ({"params": {"quality": ["draft"]}}, "params.quality.bool"),
    ],
)
def test_absurd_value_is_refused_by_name(change, name):
    with pytest.raises(UsageError, match=f"'{name}' is wrong"):
        believed(TAKE | change, "x.png")


@pytest.mark.parametrize(
    "change",
    [
        {"crf": 52},
        {"form": "exe"},
        {"spans": [["a002", 0, 3]]},
        {"shots": {"../x": {"footage": "a001", "range": [0, 12], "take": None}}},
        {"takes": {}},
    ],
)
def test_edit_that_cannot_be_is_refused(change):
    with pytest.raises(UsageError, match="cannot be followed"):
        believed(EDIT | change, "x.mp4")


def test_recipe_of_no_kind_is_refused():
    with pytest.raises(UsageError, match="no kind known here"):
        believed({"cake": "flour"}, "x.png")


def test_edit_recipe_is_believed():
    footage = Footage(
        id="a001", path="a.mp4", sha256=A, bytes=1, kind="video", frames=36, rate="24", width=96, height=64
    )
    shots = [Shot(id="sh010", footage="a001", start=0, end=12), Shot(id="sh020", footage="a001", start=12, end=36)]
    take = Take(
        id="t001",
        shot="sh010",
        first_frame="ff001",
        size=(96, 64),
        start=0,
        first=0,
        last=12,
        anchor=3,
        fingerprint=C,
        recipe=TAKE,
        created="2026-01-01T00:00:00+00:00",
    )
    raw = edit_recipe([footage], [("a001", 0, 36)], (96, 64), shots, {"sh010": take, "sh020": None}, "mp4", 16)
    found = believed(raw, "x.mp4")
    assert isinstance(found, EditRecipe)
    assert {name: shot.take for name, shot in found.shots.items()} == {"sh010": C, "sh020": None}
    assert list(found.takes) == [C]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([TAKE, FIRST, EDIT]), st.data())
def test_no_value_whatever_raises_anything_but_our_own_errors(recipe, data):
    key = data.draw(st.sampled_from(sorted(recipe)))
    with suppress(StudioError):
        believed(recipe | {key: data.draw(plain)}, "x.png")
