"""The story, told once."""

import pytest

from tests.faults.story import Page, told


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> dict[str, Page]:
    """Name -> verb, and the project before and after it."""
    return {page.name: page for page in told(tmp_path_factory.mktemp("story"))}
