import numpy as np
import pytest

pytest.importorskip("torch")

from v2v_studio.errors import UsageError
from v2v_studio.models.consisti2v.released_view import released_view


def ramp(height, width):
    """Red is the column, green the row, in hundredths."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / 100
    return np.stack([x, y, 0 * x])


def test_without_a_move_it_is_the_middle_at_the_height_asked_for():
    seen = released_view(ramp(40, 80), (40, 40))
    assert seen.shape == (1, 3, 40, 40)
    assert np.array_equal(seen[0], ramp(40, 80)[:, :, 20:60])


def test_a_picture_that_is_too_narrow_stands_between_black_bars():
    seen = released_view(1 - ramp(40, 30), (40, 52))[0]
    assert (seen[:, :, :6] == 0).all() and (seen[:, :, 46:] == 0).all() and (seen[:, :, 6:46] > 0.5).all()


@pytest.mark.parametrize(("move", "columns"), [("pan_right", [0, 10, 20, 30]), ("pan_left", [40, 30, 20, 10])])
def test_a_pan_crops_from_side_to_side_and_never_quite_arrives(move, columns):
    seen = released_view(ramp(40, 80), (40, 40), move, frames=4)
    assert np.round(100 * seen[:, 0, 0, 0]).tolist() == columns


@pytest.mark.parametrize(("move", "first", "last"), [("zoom_in", 0.8, 0.6), ("zoom_out", 0.53, 0.73)])
def test_a_zoom_sees_less_or_more_of_the_middle(move, first, last):
    seen = released_view(ramp(80, 120), (40, 40), move, frames=4)
    assert seen.shape == (4, 3, 40, 40)
    assert np.ptp(seen[:, 1], axis=(1, 2)) == pytest.approx(np.linspace(first, last, 4), abs=0.03)  # whole pixels


@pytest.mark.parametrize(("size", "move"), [((40, 40), "pan_left"), ((40, 60), "zoom_in")])
def test_what_the_release_cannot_do_is_refused(size, move):
    with pytest.raises(UsageError, match=r"use motion\.camera"):
        released_view(ramp(80, 40), size, move)


def test_it_is_what_the_released_code_gives(shared):
    from benchmarks.golden import Golden
    from benchmarks.parity_camera import camera_motion

    rows = list(camera_motion(Golden(shared / "golden" / "consisti2v" / "camera_motion.safetensors")))
    assert len(rows) == 10 and all(row.passed for row in rows)
