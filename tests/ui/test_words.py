"""Numbers as a person says them."""

import doctest

import pytest

from ui import words


def test_the_examples_of_the_docstrings_hold():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "0 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min")])
def test_lengths_of_time_change_their_unit_where_they_round(seconds, said):
    assert words.span(seconds) == said


@pytest.mark.parametrize(("count", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (10**9, "1.0 GB")])
def test_sizes_of_files_have_a_unit_that_fits(count, said):
    assert words.bytes_of(count) == said
