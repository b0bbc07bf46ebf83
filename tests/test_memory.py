import pytest

from benchmarks.memory import measure


@pytest.mark.slow
def test_peak_memory_does_not_grow_with_the_length_of_the_shot():
    short, long = (measure(frames, (160, 96), "draft")["peak_mb"] for frames in (40, 400))
    assert long < 1.10 * short  # the promise: within 10 %
