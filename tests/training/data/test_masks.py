"""Boxes round masks, against masks that are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.training.data.masks import box_of, unpacked


def runs(mask):
    """Run lengths of a mask, down its columns, from outside: by walking over every pixel."""
    counts, inside = [0], False
    for pixel in mask.T.ravel():
        if pixel != inside:
            counts.append(0)
            inside = not inside
        counts[-1] += 1
    return counts


def text(counts):
    """Run lengths packed as COCO's format says: differences from the fourth on, five bits a character, sign extended."""
    packed = ""
    for place, count in enumerate(counts):
        value = count - counts[place - 2] if place > 2 else count
        while True:
            bits, value = value & 31, value >> 5
            done = value == (-1 if bits & 16 else 0)
            packed += chr(48 + (bits if done else bits | 32))
            if done:
                break
    return packed


def slow_box(mask):
    rows, columns = np.where(mask.any(1))[0], np.where(mask.any(0))[0]
    return (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if len(rows) else None


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_the_box_of_runs_is_the_box_of_their_pixels(height, width, data):
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width)))
    mask = mask.reshape(height, width)
    assert box_of({"size": [height, width], "counts": runs(mask)}) == slow_box(mask)
    assert box_of({"size": [height, width], "counts": text(runs(mask))}) == slow_box(mask)


@given(st.lists(st.integers(0, 2**20), max_size=12))
def test_packed_run_lengths_come_back(counts):
    assert unpacked(text(counts)) == counts


def test_a_packed_text_as_pycocotools_writes_it():
    """A square of 2x2 in the middle of 4x4: five pixels outside, two in, two out, two in, five out."""
    assert unpacked("52203") == [5, 2, 2, 2, 5]
    assert box_of({"size": [4, 4], "counts": "52203"}) == (1, 1, 3, 3)


@pytest.mark.parametrize(
    ("polygons", "box"),
    [([[1, 2, 5, 2, 3, 8]], (1, 2, 5, 8)), ([[1, 1, 2, 2, 1, 2], [7, 0, 9, 1, 7, 1]], (1, 0, 9, 2)), ([], None)],
)
def test_the_box_of_polygons_holds_every_corner(polygons, box):
    assert box_of(polygons) == box
