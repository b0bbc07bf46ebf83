"""The parity runner, and through it every golden file that can be found."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from benchmarks import parity  # noqa: E402
from benchmarks.golden import Golden, Tolerance  # noqa: E402

pytestmark = pytest.mark.slow

COPIES = Path(__file__).parent / "golden"


@pytest.fixture
def golden(tmp_path):
    """A file of one output, [1, 2], and one half-precision weight."""
    path = tmp_path / "thing.safetensors"
    tensors = {"out.sum": torch.tensor([1.0, 2.0]), "weights.net.w": torch.tensor([0.5], dtype=torch.float16)}
    save_file(tensors, path, {"config": json.dumps({"size": 2})})
    return Golden(path)


@pytest.mark.parametrize(
    "path", sorted(COPIES.rglob("*.safetensors")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_copied_golden_file_is_met(path):
    rows = list(parity.check(path)(Golden(path)))
    assert rows
    assert [row for row in rows if not row.passed] == []


@pytest.mark.parametrize(
    "name",
    [
        *(f"motion-i2v/{name}" for name in ("motion_attention", "stage1_unet", "stage1_controlnet", "stage2_unet")),
        *(
            f"consisti2v/{name}"
            for name in (
                "spatial_resnet_block",
                "temporal_conv_block",
                "temporal_window_attention_sinusoidal",
                "unet_forward",
                "vae",
                "text_encoder",
                "correlated_noise",
            )
        ),
    ],
)
def test_a_network_meets_the_released_one(shared, name):
    path = shared / "golden" / f"{name}.safetensors"
    rows = list(parity.check(path)(Golden(path)))
    assert rows
    assert [row for row in rows if not row.passed] == []


def test_a_match_tells_the_largest_and_the_mean_error(golden):
    match = golden.match("sum", torch.tensor([1.0, 2.5]), Tolerance(0.5, 0.2))
    assert (match.max, match.mean, match.passed) == (0.5, 0.25, False)
    assert golden.match("sum", torch.tensor([1.0, 2.5]), Tolerance(0.5, 0.25)).passed


@pytest.mark.parametrize("ours", [torch.tensor([1.0, float("nan")]), torch.tensor([[1.0, 2.0]]), torch.tensor([1.0])])
def test_what_is_not_a_number_or_of_another_shape_does_not_pass(golden, ours):
    assert not golden.match("sum", ours, Tolerance(100, 100)).passed


def test_weights_are_widened_to_float32_and_lose_their_prefix(golden):
    ((name, weight),) = golden.weights("net.").items()
    assert (name, weight.dtype, weight.item()) == ("w", torch.float32, 0.5)


def test_a_file_that_nothing_checks_is_a_miss(golden, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["parity", str(golden.path.parent)])
    with pytest.raises(SystemExit) as ended:
        parity.main()
    assert ended.value.code == 1
    assert "thing" in capsys.readouterr().out


def test_rows_as_json_name_component_errors_tolerance_and_pass(golden, capsys, monkeypatch):
    monkeypatch.setattr(
        parity, "check", lambda name: lambda golden: [golden.match("sum", torch.tensor([1.0, 2.0]), Tolerance(1, 1))]
    )
    monkeypatch.setattr("sys.argv", ["parity", str(golden.path.parent), "--json"])
    with pytest.raises(SystemExit) as ended:
        parity.main()
    assert ended.value.code == 0
    (row,) = json.loads(capsys.readouterr().out)
    expected = {"component": "thing", "output": "sum", "max": 0.0, "mean": 0.0, "pass": True}
    assert row == {**expected, "tolerance": {"max": 1, "mean": 1}}
