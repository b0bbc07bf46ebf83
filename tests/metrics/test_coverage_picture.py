import numpy as np

from v2v_studio.metrics.coverage_picture import BOTTOM, HEIGHT, LEFT, NOW, RIGHT, TOP, WIDTH, coverage_picture, ticks


def coloured(picture, colour):
    """Rows and columns of the plot that have exactly this colour."""
    same = (np.rint(picture * 255).transpose(1, 2, 0) == colour).all(-1)
    same[:TOP] = False  # the captions
    return np.nonzero(same)


def test_a_flat_curve_is_a_line_at_its_share_from_first_to_last_frame():
    picture = coverage_picture({"now": [(1001, 0.25), (1050, 0.25)], "with 1020": [(1001, 0.5), (1050, 0.5)]})
    rows, columns = coloured(picture, NOW)
    assert picture.shape == (3, HEIGHT, WIDTH)
    assert abs(np.median(rows) - (TOP + HEIGHT - BOTTOM) / 2) <= 1  # a quarter is half of the highest
    assert abs(columns.min() - LEFT) <= 1 and abs(columns.max() - (WIDTH - RIGHT)) <= 1  # a line is 2 px wide


def test_a_shot_of_one_frame_wholly_seen_can_be_drawn():
    assert np.isfinite(coverage_picture({"now": [(1001, 0.0)]})).all()


def test_more_curves_than_colours_can_be_drawn():
    curve = [(1001, 0.1), (1002, 0.2)]
    assert coverage_picture({str(index): curve for index in range(9)}).shape[0] == 3


def test_first_and_last_frame_are_always_written():
    for last in (1001, 1002, 1012, 1082, 1240, 7000):
        numbers = ticks(1001, last)
        assert (numbers[0], numbers[-1]) == (1001, last)
        assert len(numbers) <= 12
        assert numbers == sorted(set(numbers))
