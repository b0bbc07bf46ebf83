import json

import numpy as np
import pytest

from v2v_studio.metrics.flags import BOUNDS
from v2v_studio.metrics.take import TakeMetrics, factor, reduced
from v2v_studio.types import Anchor, FlowField

H, W = 360, 400  # more than twice LINES: two pixels become one
WALL = np.random.default_rng(0).random((3, 120, 125)).repeat(4, 1).repeat(4, 2).astype(np.float32)


def footage(t):
    """A wall passing to the left by two pixels a frame."""
    return np.ascontiguousarray(WALL[:, :H, 2 * t : 2 * t + W])


def negative(frame):
    return 1 - frame


def motion(t):
    displacement, step = np.zeros((2, 1, 2, H, W), np.float32)
    displacement[:, 0], step[:, 0] = 2 * t, 2
    visible = np.broadcast_to((np.arange(W) + 2 * t < W).astype(np.float32), (1, 1, H, W)).copy()
    return FlowField(displacement, "backward", visible, step)


def measured(look, frames=6, wrong=None):
    """Metrics of a take in a look, with one frame replaced."""
    metrics = TakeMetrics(Anchor(footage(0), look(footage(0))))
    outputs = [look(footage(t)) for t in range(frames)]
    if wrong:
        index, change = wrong
        outputs[index] = change(outputs[index])
    for t in range(1, frames):
        metrics.add(footage(t - 1), footage(t), outputs[t - 1], outputs[t], motion(t))
    return metrics


def test_footage_itself_is_a_perfect_take():
    for t, row in enumerate(measured(lambda frame: frame).rows, 1):
        assert row["temporal_difference_error"] == row["flicker"] == row["colour_drift"] == row["constant"] == 0
        assert row["sharpness"] == row["finite"] == 1
        assert row["visible"] == pytest.approx(1 - 2 * t / W, abs=0.003)  # reduced: a border pixel counts in part


def test_a_negative_is_a_steady_look():
    metrics = measured(negative)
    for row in metrics.rows:
        assert row["temporal_difference_error"] == pytest.approx(0, abs=1e-3)  # float32: 1 - (1 - x)
        assert row["flicker"] == pytest.approx(0, abs=1e-3)
        assert row["sharpness"] == pytest.approx(1, abs=1e-4)
    assert metrics.summary()["flags"] == []


def test_one_brighter_frame_is_flagged_going_in_and_coming_out():
    metrics = measured(negative, wrong=(3, lambda frame: 0.8 * frame + 0.2))
    raised = {flag["index"] for flag in metrics.summary()["flags"] if flag["measure"] == "flicker"}
    assert raised == {2, 3}  # rows of frames 3 and 4


def test_values_that_are_not_finite_are_counted_and_leave_the_rest_numbers():
    def broken(frame):
        frame = frame.copy()
        frame[:, : H // 2] = np.nan
        return frame

    metrics = measured(negative, wrong=(2, broken))
    assert metrics.rows[1]["finite"] == 0.5
    assert np.isfinite([list(row.values()) for row in metrics.rows]).all()
    assert {"finite"} <= {flag["measure"] for flag in metrics.summary()["flags"] if flag["index"] == 1}


def test_a_black_frame_is_constant():
    metrics = measured(negative, wrong=(2, np.zeros_like))
    assert [row["constant"] for row in metrics.rows] == [0, 1, 0, 0, 0]


def test_summary_is_json_and_names_every_measure():
    summary = json.loads(json.dumps(measured(negative, wrong=(3, np.zeros_like)).summary(), allow_nan=False))
    assert summary["frames"] == 5
    assert set(BOUNDS) <= set(summary["mean"])


def test_rows_of_an_interrupted_run_are_continued():
    whole = measured(negative)
    resumed = TakeMetrics(whole.anchor, whole.rows[:3])
    for t in (4, 5):
        resumed.add(footage(t - 1), footage(t), negative(footage(t - 1)), negative(footage(t)), motion(t))
    assert resumed.rows == whole.rows


def test_motion_without_its_step_is_refused():
    flow = motion(1)
    with pytest.raises(ValueError, match="with its step"):
        TakeMetrics(Anchor(footage(0), footage(0))).add(
            footage(0), footage(1), footage(0), footage(1), FlowField(flow.displacement, "backward", flow.visible)
        )


def test_reduction_averages_whole_squares():
    frame = np.zeros((3, 7, 8), np.float32)
    frame[:, 1::2] = 1
    assert np.array_equal(reduced(frame, 2), np.full((3, 3, 4), 0.5, np.float32))
    assert reduced(frame, 1) is frame


@pytest.mark.parametrize(("height", "by"), [(90, 1), (319, 1), (360, 2), (480, 3), (1080, 6)])
def test_reduction_leaves_at_least_160_lines_of_what_has_them(height, by):
    assert factor(height) == by
