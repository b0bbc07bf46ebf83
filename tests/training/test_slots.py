"""Objects in slots."""

import numpy as np

from v2v_studio.training.slots import slots
from v2v_studio.types import BoxSequence

SIZE = (10, 20)


def sequence(*objects):
    """Of one object each: its box in every frame, None where it is not there."""
    boxes = np.array([[box or (0, 0, 1, 1) for box in frame] for frame in zip(*objects, strict=True)], np.float32)
    present = np.array([[box is not None for box in frame] for frame in zip(*objects, strict=True)])
    return BoxSequence(boxes, present, tuple("abcdef"[: len(objects)]), SIZE)


SMALL, LARGE, MIDDLE = (0, 0, 2, 2), (0, 0, 20, 10), (10, 0, 15, 5)


def test_boxes_are_shares_of_the_picture_and_free_slots_are_of_nothing():
    found = slots(sequence([MIDDLE, None]), 3)
    assert found.boxes[0].tolist() == [[0.5, 0, 0.75, 0.5], [0] * 4, [0] * 4]
    assert found.present.tolist() == [[True, False, False], [False] * 3]
    assert found.phrases == ("a",)


def test_the_first_objects_or_the_largest_have_a_slot():
    three = sequence([SMALL], [LARGE], [MIDDLE])
    assert slots(three, 2).phrases == ("a", "b")
    assert slots(three, 2, largest_first=True).phrases == ("b", "c")


def test_a_box_ends_with_the_picture_and_beyond_it_nothing_is_there():
    found = slots(sequence([(-5, 5, 5, 15), (20, 0, 30, 5)], [(20, 0, 30, 5), (-9, -9, 0, 0)]), 2)
    assert found.boxes[0, 0].tolist() == [0, 0.5, 0.25, 1]
    assert found.present.tolist() == [[True, False], [False, False]]
    assert found.phrases == ("a",)  # the other one is never to be seen
