import pytest

from benchmarks.memory import CASES, measure


@pytest.mark.slow
def test_peak_memory_does_not_grow_with_the_length_of_the_shot():
    short, long = (measure(frames, (160, 96), *CASES["draft"])["peak_mb"] for frames in (40, 400))
    assert long < 1.10 * short  # the promise: within 10 %


@pytest.mark.slow
def test_peak_memory_of_the_diffusion_renderer_does_not_grow_with_the_length_of_the_shot():
    """Toy weights: most of the memory is the process's own, so a window more would be a few per cent."""
    short, long = (measure(frames, (64, 36), *CASES["diffusion"])["peak_mb"] for frames in (32, 320))
    assert long < 1.05 * short
