"""Networks at toy width: their tests' own number of threads."""

import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """More threads than free processors wait for one another: at these widths that takes longer than the work."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
