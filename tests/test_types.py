import numpy as np
import pytest

from v2v_studio.types import Anchor, FlowField, MotionBrush, Trajectory, Window


def field(t=2, h=4, w=6, **changes):
    values = {
        "displacement": np.zeros((t, 2, h, w), np.float32),
        "direction": "backward",
        "visible": np.ones((t, 1, h, w), np.float32),
    }
    return FlowField(**(values | changes))


def test_flow_field_knows_its_length_and_size():
    assert (len(field(t=3)), field(h=4, w=6).size) == (3, (4, 6))


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
