"""`v2v evaluate` puts four renderers in the order that the benchmark tool puts them in."""

import pytest

from benchmarks.evaluation import compared

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("style", ["S1", "S2"])
def test_four_renderers_have_the_order_that_the_benchmark_tool_gives(shared, style):
    rows = compared(shared, ("bear_walk", "umbrella_spin"), style, 5, (256, 144), draft=True)
    assert [row["measure"] for row in rows] == ["psnr", "ssim", "gmsd", "temporal_difference"]
    for row in rows:
        assert row["order by evaluate"] == row["order by tool"], row
        assert row["order by tool"][0] == "embedded"
