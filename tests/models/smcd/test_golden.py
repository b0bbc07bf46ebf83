"""Networks and sampling against the released code's own results, where these are there."""

import pytest

torch = pytest.importorskip("torch")

from benchmarks.golden import Golden  # noqa: E402
from benchmarks.parity import MODELS, check  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("component", MODELS["smcd"])
def test_a_component_is_the_releases(shared, component):
    path = shared / "golden" / "smcd" / f"{component}.safetensors"
    matches = list(check(path)(Golden(path)))
    assert matches
    assert [match for match in matches if not match.passed] == []
