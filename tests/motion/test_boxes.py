"""Keyed boxes on every frame."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from v2v_studio.motion.boxes import boxes_at, corners
from v2v_studio.project.control import Box, Key

SIZE = (100, 80)


def box(*keys, phrase="a ball", interpolation="linear"):
    """keys: (frame, (x, y, w, h) or None)."""
    return Box(phrase=phrase, interpolation=interpolation, keys=[Key(frame=frame, box=at) for frame, at in keys])


def along(keyed, frames, size=SIZE):
    """One object's corners and presence."""
    sequence = boxes_at([keyed], frames, size)
    return sequence.boxes[:, 0], sequence.present[:, 0]


def test_linear_moves_every_edge_evenly():
    boxes, present = along(box((0, (0, 0, 10, 10)), (4, (40, 0, 30, 10))), range(5))
    assert boxes.tolist() == [
        [0, 0, 10, 10],
        [10, 0, 25, 10],
        [20, 0, 40, 10],
        [30, 0, 55, 10],
        [40, 0, 70, 10],
    ]
    assert present.all()


def test_an_object_comes_with_its_first_key_goes_with_a_key_without_a_box_and_comes_back():
    keyed = box((2, (0, 0, 10, 10)), (3, (10, 0, 10, 10)), (5, None), (8, (50, 0, 10, 10)))
    boxes, present = along(keyed, range(10))
    assert np.flatnonzero(present).tolist() == [2, 3, 4, 8, 9]
    assert boxes[4].tolist() == [10, 0, 20, 10]  # it waits for the frame in which it goes
    assert boxes[9].tolist() == [50, 0, 60, 10]  # and stays after its last key


def test_an_object_that_moves_out_of_the_picture_is_not_present_from_there_on():
    boxes, present = along(box((0, (80, 0, 20, 10)), (4, (120, 0, 20, 10))), range(5))
    assert present.tolist() == [True, True, False, False, False]
    assert boxes[1].tolist() == [90, 0, 110, 10]  # partly outside, as it was drawn


@pytest.mark.parametrize("away", [(-10, 5), (5, -10), (100, 5), (5, 80)])
def test_a_box_that_only_touches_the_picture_is_outside_it(away):
    assert not along(box((0, (*away, 10, 10))), [0])[1].any()


def test_several_objects_keep_their_phrases_and_times():
    keyed = [box((0, (0, 0, 5, 5)), phrase="a dog"), box((1, (9, 9, 5, 5)), phrase="a cat")]
    sequence = boxes_at(keyed, range(2), SIZE)
    assert sequence.phrases == ("a dog", "a cat")
    assert sequence.present.tolist() == [[True, False], [True, True]]


def test_nothing_drawn_is_a_sequence_of_no_objects():
    assert boxes_at([], range(3), SIZE).boxes.shape == (3, 0, 4)


def test_smooth_has_no_jerk_at_a_key():
    keyed = [(0, (0, 0, 10, 10)), (10, (10, 0, 10, 10)), (20, (60, 0, 10, 10))]
    jerks = {}
    for interpolation in ("linear", "smooth"):
        x = along(box(*keyed, interpolation=interpolation), range(21))[0][:, 0]
        jerks[interpolation] = np.abs(np.diff(x, 2)).max()
    assert jerks["linear"] == pytest.approx(4) and jerks["smooth"] < 1.2


def test_smooth_grows_by_the_same_factor_every_frame():
    boxes, _ = along(box((0, (0, 0, 8, 8)), (3, (0, 0, 64, 64)), interpolation="smooth"), range(4))
    width = boxes[:, 2] - boxes[:, 0]
    assert width[1:] / width[:-1] == pytest.approx([2, 2, 2], rel=1e-6)


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine that is busy
side = st.integers(1, 90)
place = st.tuples(st.integers(-50, 150), st.integers(-50, 150), side, side)


@st.composite
def keyed_boxes(draw, interpolation):
    frames = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=6)))
    return box(*((frame, draw(place)) for frame in frames), interpolation=interpolation)


any_box = st.sampled_from(["linear", "smooth"]).flatmap(keyed_boxes)


@patient
@given(any_box)
def test_every_key_is_met(keyed):
    boxes, _ = along(keyed, [key.frame for key in keyed.keys])
    assert boxes == pytest.approx(corners(np.array([key.box for key in keyed.keys])), abs=1e-4)


def centre_and_size(boxes):
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], 1)


@patient
@given(any_box)
def test_between_two_keys_neither_centre_nor_size_goes_beyond_them(keyed):
    for before, after in zip(keyed.keys, keyed.keys[1:], strict=False):
        boxes, _ = along(keyed, range(before.frame, after.frame + 1))
        ends = centre_and_size(corners(np.array([before.box, after.box])))
        within = centre_and_size(boxes)
        assert (within >= ends.min(0) - 1e-3).all() and (within <= ends.max(0) + 1e-3).all()


@patient
@given(any_box)
def test_backwards_in_time_is_the_same_way_back(keyed):
    first, last = keyed.keys[0].frame, keyed.keys[-1].frame
    turned = keyed.changed(keys=[{"frame": first + last - k.frame, "box": k.box} for k in reversed(keyed.keys)])
    frames = range(first, last + 1)
    assert along(turned, frames)[0] == pytest.approx(along(keyed, frames)[0][::-1], abs=1e-3)


@patient
@given(any_box, st.lists(st.integers(0, 70), max_size=20))
def test_a_frame_has_the_same_box_whichever_others_are_asked_for(keyed, frames):
    boxes, present = along(keyed, range(71))
    assert np.array_equal(along(keyed, frames)[0], boxes[frames])
    assert np.array_equal(along(keyed, frames)[1], present[frames])
