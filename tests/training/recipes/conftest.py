"""Clips with all that any recipe asks for, and the networks of recipes at toy width."""

import pytest

from tests.training.squares import clip


@pytest.fixture(scope="session")
def clips():
    """Four."""
    return [clip(number) for number in range(4)]
