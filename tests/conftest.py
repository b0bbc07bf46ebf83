"""Fixtures that any test may use."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real footage beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("no shared/ folder with real footage beside the checkout")
    return SHARED
