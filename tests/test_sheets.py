"""Sheets: every cell at one height, even gaps, captions that fit."""

import numpy as np
import pytest

from v2v_studio.sheets import BACKGROUND, STATUS, Cell, before_after, sheet

GREY = np.asarray(BACKGROUND, np.float32) / 255


def picture(h, w, value=1.0):
    return np.full((3, h, w), value, np.float32)


def columns_that_differ_from_background(image, y):
    return np.flatnonzero(np.abs(image[:, y] - GREY[:, None]).max(0) > 0.01)


def test_a_sheet_is_float32_rgb_between_0_and_1():
    made = sheet([[Cell(picture(90, 160), "sh010")]])
    assert made.dtype == np.float32
    assert made.shape[0] == 3
    assert made.min() >= 0
    assert made.max() <= 1


def test_one_cell_is_framed_by_an_even_gap():
    made = sheet([[Cell(picture(96, 200))]], height=96)
    assert made.shape == (3, 96 + 2 * 4, 200 + 2 * 4)
    assert made[:, 4:100, 4:204].min() == 1
    made[:, 4:100, 4:204] = GREY[:, None, None]
    assert np.array_equal(made, np.broadcast_to(GREY[:, None, None], made.shape))


def test_wide_and_tall_pictures_share_one_height_and_keep_their_aspect():
    made = sheet([[Cell(picture(90, 160)), Cell(picture(160, 90))]], height=180)
    lit = columns_that_differ_from_background(made, 90)
    widths = [len(run) for run in np.split(lit, np.flatnonzero(np.diff(lit) > 1) + 1)]
    assert widths == [320, 101]  # 180 * 160/90 and 180 * 90/160 = 101.25
    assert len(columns_that_differ_from_background(made, 3)) == 0


def test_rows_may_differ_in_length_and_start_at_the_left():
    cell = Cell(picture(50, 100))
    made = sheet([[cell, cell, cell], [cell]], height=50)
    assert made.shape == (3, 2 * 50 + 3 * 4, 3 * 100 + 4 * 4)
    assert columns_that_differ_from_background(made, 80).tolist() == list(range(4, 104))


def test_a_caption_adds_a_line_with_ink_in_it():
    bare, named = sheet([[Cell(picture(96, 200))]], 96), sheet([[Cell(picture(96, 200), "sh010")]], 96)
    assert named.shape[1] > bare.shape[1]
    assert len(columns_that_differ_from_background(named, 110)) > 5


def test_a_caption_never_runs_into_the_next_cell():
    made = sheet([[Cell(picture(96, 60), "a caption that is far too long for its picture"), Cell(picture(96, 60))]], 96)
    below = np.abs(made[:, 102:] - GREY[:, None, None]).max(axis=(0, 1))
    assert below[:64].max() > 0.3
    assert below[64:].max() == 0


def test_a_status_is_a_bar_of_its_colour_at_the_foot_of_the_picture():
    made = sheet([[Cell(picture(96, 200), status="approved")]], 96)
    assert np.allclose(made[:, 99, 100] * 255, STATUS["approved"])
    assert made[:, 90, 100].min() == 1


def test_a_title_stands_above_the_first_row():
    cell = [[Cell(picture(96, 200))]]
    assert sheet(cell, 96, title="bear").shape[1] > sheet(cell, 96).shape[1]


def test_the_same_cells_give_the_same_bytes():
    cells = [[Cell(picture(40, 70, 0.4), "sh010", "todo")]]
    assert sheet(cells).tobytes() == sheet(cells).tobytes()


def test_an_empty_sheet_is_refused():
    with pytest.raises(ValueError, match="at least one cell"):
        sheet([[], []])


def test_before_and_after_stand_side_by_side():
    made = before_after(picture(120, 200, 0.2), picture(120, 200, 0.9), "sh010 ff001")
    values = made[0, made.shape[1] // 2]
    left, right = np.flatnonzero(np.isclose(values, 51 / 255)), np.flatnonzero(np.isclose(values, 230 / 255))
    assert len(left) == len(right) == 200
    assert left.max() < right.min()
