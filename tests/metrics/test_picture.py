import numpy as np
import pytest

from v2v_studio.metrics.picture import MARK, strip

CALM = {
    "visible": 0.9,
    "temporal_difference_error": 1.0,
    "flicker": 0.3,
    "colour_drift": 0.005,
    "sharpness": 1.0,
    "finite": 1.0,
    "constant": 0.0,
}


def marked(picture):
    """Columns that hold the colour of a mark."""
    return np.nonzero((np.abs(picture * 255 - np.float32(MARK)[:, None, None]).max(0) < 1).any(0))[0]


def test_a_calm_take_has_no_marks():
    picture = strip([CALM] * 10)
    assert picture.shape[2] == 960 and picture.dtype == np.float32
    assert len(marked(picture)) == 0


def test_the_mark_stands_at_its_frame():
    rows = [dict(CALM) for _ in range(11)]
    rows[5]["flicker"] = 9.0
    assert marked(strip(rows)).mean() == pytest.approx((190 + 960 - 16) / 2, abs=1)  # the middle of the curves


@pytest.mark.parametrize("length", [1, 2, 3000])
def test_any_length_can_be_drawn(length):
    assert np.isfinite(strip([CALM] * length)).all()


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="at least one row"):
        strip([])


def test_same_rows_give_the_same_picture():
    assert np.array_equal(strip([CALM] * 7), strip([CALM] * 7))
