"""Boxes from the board to control.json and back."""

from ui.components import KeyedBox
from ui.drawn import boxes_of, keyed

BALL = {
    "phrase": "a ball",
    "interpolation": "smooth",
    "keys": [{"frame": 2, "box": (1.0, 2.0, 30.0, 40.0)}, {"frame": 9, "box": None}],
}
FOX = {"phrase": "a fox", "interpolation": "linear", "keys": [{"frame": 0, "box": (5.0, 5.0, 9.0, 9.0)}]}


def test_boxes_come_back_as_they_were():
    assert boxes_of(keyed([BALL, FOX]), [BALL, FOX]) == [BALL, FOX]


def test_a_new_object_says_nothing_of_how_it_goes_from_key_to_key():
    new = KeyedBox(3, "a hat", 4, (1.0, 1.0, 2.0, 2.0))
    assert boxes_of([*keyed([BALL, FOX]), new], [BALL, FOX])[2] == {
        "phrase": "a hat",
        "keys": [{"frame": 4, "box": (1.0, 1.0, 2.0, 2.0)}],
    }


def test_keys_are_sorted_by_their_frame():
    late, early = (KeyedBox(1, "a ball", frame, (0.0, 0.0, 5.0, 5.0)) for frame in (8, 3))
    assert [key["frame"] for key in boxes_of([late, early], [])[0]["keys"]] == [3, 8]
