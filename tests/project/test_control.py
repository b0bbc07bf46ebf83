"""What a user draws on a shot, and edits by hand."""

import json

import pytest

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.project.control import Control, Drag

DRAWN = Control(width=8, height=6, drags=[Drag(points=[(1, 2), (9, 2.5)])], brush="brush.png")


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
    }


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
    ],
)
def test_a_slip_is_named(store, values, wrong):
    with pytest.raises(ProjectError, match=wrong):
        edited(store, **values).control("sh010")


def test_it_belongs_to_a_shot(store):
    with pytest.raises(UsageError, match="there is no shot 'sh999'"):
        store.write_control("sh999", DRAWN)
