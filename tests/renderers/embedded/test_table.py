"""Colour tables against formulas."""

import numpy as np
import pytest

from v2v_studio.renderers.embedded.table import ColourTable

COLOURS = np.random.default_rng(0).uniform(0, 255, (20_000, 3)).astype(np.float32)
INSIDE = np.random.default_rng(1).uniform(8, 247, (50, 40, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "style",
    [lambda c: c, lambda c: 255 - c, lambda c: c[..., ::-1], lambda c: 0.5 * c + 40],
    ids=["identity", "negative", "channels swapped", "faded"],
)
def test_a_linear_style_is_exact(style):
    table = ColourTable(COLOURS, style(COLOURS))
    assert np.abs(table(INSIDE) - style(INSIDE)).max() < 0.5  # OpenCV samples in steps of 1/32 of a cell


def test_a_curve_is_followed():
    curve = lambda c: 255 * (c / 255) ** 2  # noqa: E731
    assert np.abs(ColourTable(COLOURS, curve(COLOURS))(INSIDE) - curve(INSIDE)).max() < 1.5  # bend within a cell


def test_colours_never_seen_go_on_from_their_neighbours():
    dark = COLOURS * np.float32(0.5)
    bright = np.full((2, 2, 3), 200, np.float32)
    assert np.abs(ColourTable(dark, dark)(bright) - 200).max() < 6  # straight on for 70 levels beyond the last colour


def test_one_colour_everywhere_gives_that_colour():
    table = ColourTable(COLOURS, np.full_like(COLOURS, 77))
    assert np.abs(table(INSIDE) - 77).max() < 1e-3


def test_pictures_of_one_pixel_value_are_fitted_without_trouble():
    flat = np.zeros((100, 3), np.float32)
    assert np.abs(ColourTable(flat, flat + 9)(np.zeros((2, 2, 3), np.float32)) - 9).max() < 0.1
