"""What a user draws on a shot, and edits by hand."""

import json

import pytest

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.project.control import Box, Control, Drag, Key

DRAWN = Control(width=8, height=6, drags=[Drag(points=[(1, 2), (9, 2.5)])], brush="brush.png")
AT = [1, 2, 3, 4]
ONE = [{"frame": 0, "box": AT}]


def test_a_shot_without_control_has_none(store):
    assert store.control("sh010") is None


def test_what_is_written_is_read_again(store):
    store.write_control("sh010", DRAWN)
    assert store.control("sh010") == DRAWN


def test_it_reads_as_it_was_drawn(store):
    store.write_control("sh010", DRAWN)
    assert json.loads(store.control_file("sh010").read_text()) == {
        "schema": "v2v.control/1",
        "width": 8,
        "height": 6,
        "drags": [{"points": [[1, 2], [9, 2.5]]}],
        "brush": "brush.png",
        "boxes": [],
    }


def test_boxes_read_as_they_were_drawn(store):
    keys = [Key(frame=12, box=(1, 2, 3, 4)), Key(frame=40, box=None)]
    store.write_control("sh010", Control(width=8, height=6, boxes=[Box(phrase="a red ball", keys=keys)]))
    assert json.loads(store.control_file("sh010").read_text())["boxes"] == [
        {
            "phrase": "a red ball",
            "interpolation": "linear",
            "keys": [{"frame": 12, "box": [1, 2, 3, 4]}, {"frame": 40, "box": None}],
        }
    ]


@pytest.mark.parametrize("phrases", [["a ball", "a dog"], ["a ball"], [""]])
def test_a_box_needs_no_phrase_where_it_is_the_only_one(phrases):
    boxes = [Box(phrase=phrase, keys=[Key(frame=0, box=(0, 0, 1, 1))]) for phrase in phrases]
    assert len(Control(width=8, height=6, boxes=boxes).boxes) == len(phrases)


def test_a_box_may_lie_partly_or_wholly_outside_the_picture():
    keys = [Key(frame=0, box=(-2, 4, 5, 5)), Key(frame=9, box=(80, 60, 5, 5))]
    assert Control(width=8, height=6, boxes=[Box(keys=keys)]).boxes[0].keys[1].box == (80, 60, 5, 5)


def edited(store, **values):
    store.control_file("sh010").write_text(json.dumps({**DRAWN.plain(), **values}))
    return store


def test_a_hand_may_write_less(store):
    store.control_file("sh010").write_text('{"schema": "v2v.control/1", "width": 8, "height": 6}')
    assert store.control("sh010") == Control(width=8, height=6)


def test_unknown_keys_are_kept(store):
    edited(store, drags=[{"points": [[1, 1]], "name": "tail"}])
    assert store.control("sh010").plain()["drags"][0]["name"] == "tail"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"drags": [{"points": [[8, 2], [1, 1]]}]}, "drag 1 starts at 8, 2, outside the picture of 8x6"),
        ({"drags": [{"points": []}]}, "drags.0.points"),
        ({"drags": [{"points": [[1]]}]}, "drags.0.points.0"),
        ({"drags": [{"points": [[1, "left"]]}]}, "drags.0.points.0.1"),
        ({"brush": "../secret.png"}, "brush"),
        ({"brush": "/etc/brush.png"}, "brush"),
        ({"width": 0}, "width"),
        ({"boxes": [{"keys": []}]}, "boxes.0.keys"),
        ({"boxes": [{"keys": [{"frame": 0}]}]}, "boxes.0.keys.0.box"),
        ({"boxes": [{"keys": [{"frame": -1, "box": AT}]}]}, "boxes.0.keys.0.frame"),
        ({"boxes": [{"keys": [{"frame": 0, "box": [1, 2, 0, 4]}]}]}, "boxes.0.keys.0.box.2"),
        ({"boxes": [{"keys": [{"frame": 0, "box": [1, 2, 3]}]}]}, "boxes.0.keys.0.box.3"),
        (
            {"boxes": [{"keys": [{"frame": 3, "box": AT}, {"frame": 3, "box": AT}]}]},
            "key of frame 3 comes after that of 3",
        ),
        (
            {"boxes": [{"keys": [{"frame": 3, "box": AT}, {"frame": 2, "box": AT}]}]},
            "key of frame 2 comes after that of 3",
        ),
        ({"boxes": [{"keys": [{"frame": 0, "box": None}]}]}, "the first key has no box"),
        ({"boxes": [{"keys": [{"frame": 0, "box": AT}], "interpolation": "cubic"}]}, "boxes.0.interpolation"),
        ({"boxes": [{"phrase": "a", "keys": ONE}, {"phrase": " ", "keys": ONE}]}, "box 2 of 2 has no phrase"),
    ],
)
def test_a_slip_is_named(store, values, wrong):
    with pytest.raises(ProjectError, match=wrong):
        edited(store, **values).control("sh010")


def test_it_belongs_to_a_shot(store):
    with pytest.raises(UsageError, match="there is no shot 'sh999'"):
        store.write_control("sh999", DRAWN)
