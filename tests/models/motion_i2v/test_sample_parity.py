"""Sampling from end to end against the released code's own results."""

import pytest

torch = pytest.importorskip("torch")

from benchmarks.golden import Golden  # noqa: E402
from benchmarks.parity import check  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize("component", ["e2e_stage1", "e2e_stage2", "e2e_app"])
def test_the_whole_way_is_the_releases(shared, component):
    path = shared / "golden" / "motion-i2v" / f"{component}.safetensors"
    matches = list(check(path)(Golden(path)))
    assert matches
    assert [match for match in matches if not match.passed] == []
