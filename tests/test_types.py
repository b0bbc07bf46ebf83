import numpy as np
import pytest

from v2v_studio.types import Anchor, BoxSequence, FlowField, FreeMotion, MotionBrush, Trajectory, Window


def field(t=2, h=4, w=6, **changes):
    values = {
        "displacement": np.zeros((t, 2, h, w), np.float32),
        "direction": "backward",
        "visible": np.ones((t, 1, h, w), np.float32),
    }
    return FlowField(**(values | changes))


def test_flow_field_knows_its_length_and_size():
    assert (len(field(t=3)), field(h=4, w=6).size) == (3, (4, 6))


def test_an_entry_of_a_flow_field_is_the_motion_of_one_frame():
    numbered = np.arange(3, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 4, 6), np.float32)
    entry = field(t=3, displacement=numbered, direction="forward", step=numbered + 1).entry(2)
    assert (len(entry), entry.size, entry.direction) == (1, (4, 6), "forward")
    assert (entry.displacement == 2).all() and (entry.step == 3).all()


def test_free_motion_knows_how_many_frames_of_which_size():
    free = FreeMotion(3, (4, 6))
    assert (len(free), free.size, len(free.entry(2))) == (3, (4, 6), 1)


def boxes(t=2, n=1, **changes):
    values = {
        "boxes": np.tile(np.float32([1, 1, 3, 4]), (t, n, 1)),
        "present": np.ones((t, n), bool),
        "phrases": ("a dog",) * n,
        "size": (4, 6),
    }
    return BoxSequence(**(values | changes))


def test_an_entry_of_boxes_is_where_objects_are_on_one_frame():
    moving = np.float32([[[1, 1, 3, 4]], [[2, 1, 4, 4]]])
    entry = boxes(boxes=moving, present=np.array([[True], [False]])).entry(1)
    assert (len(entry), entry.size, entry.phrases) == (1, (4, 6), ("a dog",))
    assert entry.boxes.tolist() == [[[2, 1, 4, 4]]] and not entry.present.any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"boxes": np.zeros((2, 1, 4))}, r"boxes is float64 \(2, 1, 4\)"),
        ({"boxes": np.zeros((2, 4), np.float32)}, r"boxes is float32 \(2, 4\)"),
        ({"present": np.ones((2, 2), bool)}, r"present is bool \(2, 2\); it must be bool \(2, 1\)"),
        ({"present": np.ones((2, 1), np.float32)}, "present is float32"),
        ({"phrases": ("a dog", "a cat")}, "2 phrases for 1 objects"),
        ({"boxes": np.tile(np.float32([3, 1, 3, 4]), (2, 1, 1))}, "x0 < x1"),
        ({"boxes": np.tile(np.float32([1, 4, 3, 1]), (2, 1, 1))}, "y0 < y1"),
        ({"boxes": np.full((2, 1, 4), np.nan, np.float32)}, "finite"),
    ],
)
def test_boxes_that_do_not_fit_together_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        boxes(**changes)


def test_the_box_of_an_object_that_is_not_there_says_nothing():
    away = boxes(boxes=np.full((2, 1, 4), np.nan, np.float32), present=np.zeros((2, 1), bool))
    assert not away.present.any()


def test_a_box_may_reach_beyond_the_frame():
    assert boxes(boxes=np.tile(np.float32([-3, -2, 9, 9]), (2, 1, 1))).size == (4, 6)


def test_visible_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"visible is \(2, 1, 4, 5\) but displacement asks for \(2, 1, 4, 6\)"):
        field(visible=np.ones((2, 1, 4, 5), np.float32))


def test_step_of_another_size_is_refused():
    with pytest.raises(ValueError, match="step"):
        field(step=np.zeros((1, 2, 4, 6), np.float32))


def test_double_precision_is_refused():
    with pytest.raises(ValueError, match="displacement is float64; it must be float32"):
        field(displacement=np.zeros((2, 2, 4, 6)))


def test_anchor_of_two_sizes_is_refused():
    with pytest.raises(ValueError, match="styled frame"):
        Anchor(np.zeros((3, 4, 6), np.float32), np.zeros((3, 4, 5), np.float32))


def test_window_ends_after_its_last_frame():
    assert Window(5, np.zeros((3, 3, 2, 2), np.float32), np.zeros((3, 2, 2), np.float32)).stop == 8


@pytest.mark.parametrize("points", [(), ((1.0, float("nan")),), ((1.0,),), ((1.0, 2.0, 3.0),)])
def test_a_trajectory_without_points_in_the_plane_is_refused(points):
    with pytest.raises(ValueError, match="a trajectory needs one or more points x, y"):
        Trajectory(points)


def test_a_brush_is_one_plane_of_single_precision():
    with pytest.raises(ValueError, match=r"painted is float64 \(4, 6\); it must be float32 \(H, W\)"):
        MotionBrush(np.zeros((4, 6)))
