"""The shim in fresh processes, its one op against the obvious version, and the rule that it comes first."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIM = "v2v_studio.models.torchvision_shim"
NEED_IT = {"torchvision", "diffusers", "transformers", "timm", "controlnet_aux"}


def fresh(script: str) -> str:
    """What a script prints in a process of its own."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_diffusers_imports_after_it():
    assert fresh(f"import {SHIM}; from diffusers import AutoPipelineForImage2Image as A; print(A.__name__)") == (
        "AutoPipelineForImage2Image"
    )


@pytest.mark.slow
def test_torchvision_and_its_ops_work_after_it():
    """Two boxes that share most of their area, and one apart."""
    asked = "(torch.tensor([[0, 0, 9, 9], [0, 0, 9, 8], [20, 20, 29, 29.]]), torch.tensor([.5, .9, .1]), .5)"
    script = (
        f"import {SHIM}, torch; from torchvision import ops; print(torch.ops.torchvision.nms{asked}, ops.nms{asked})"
    )
    assert fresh(script) == "tensor([1, 2]) tensor([1, 2])"


def test_a_torchvision_that_is_absent_is_left_alone(monkeypatch):
    shim = pytest.importorskip(SHIM)
    monkeypatch.setattr(shim, "find_spec", lambda name: None)
    assert shim._prepare() == "absent"


def test_a_torchvision_whose_library_loads_is_left_alone(monkeypatch):
    shim = pytest.importorskip(SHIM)
    loaded = []
    monkeypatch.setattr(shim.torch.ops, "load_library", loaded.append)
    monkeypatch.setattr(shim.torch.library, "Library", None)  # defining an op would fail
    assert shim._prepare() == "native"
    assert [Path(path).name.split(".")[0] for path in loaded] == ["_C"]


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9])
def test_nms_is_the_obvious_one(threshold):
    shim = pytest.importorskip(SHIM)
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 30, (60, 2))
    boxes = np.hstack([corner, corner + rng.uniform(1, 20, (60, 2))]).astype(np.float32)
    scores = rng.permutation(60).astype(np.float32)
    kept = shim.nms(*map(shim.torch.from_numpy, (boxes, scores)), threshold)
    assert kept.tolist() == obvious_nms(boxes, scores, threshold)


def test_nms_of_no_boxes_keeps_none():
    shim = pytest.importorskip(SHIM)
    assert shim.nms(shim.torch.zeros(0, 4), shim.torch.zeros(0), 0.5).tolist() == []


def obvious_nms(boxes, scores, threshold):
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(overlap(boxes[i], boxes[k]) <= threshold for k in kept):
            kept.append(i)
    return kept


def overlap(one, other):
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (area - width * height)


def names(node: ast.AST) -> list[str]:
    """The modules that a statement imports, by name or through import_module."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(base)):
            return [base, *(f"{base}.{alias.name}" for alias in node.names)]
        case ast.Call(
            func=ast.Name("import_module") | ast.Attribute(attr="import_module"), args=[ast.Constant(str(name))]
        ):
            return [name]
    return []


def too_early(node: ast.AST, shimmed: bool = False) -> list[int]:
    """Lines that import a package in need of the shim before the shim is imported in the same function or above it."""
    found = []
    for child in ast.iter_child_nodes(node):
        if SHIM in names(child):
            shimmed = True
        elif not shimmed and any(name.split(".")[0] in NEED_IT for name in names(child)):
            found.append(child.lineno)
        found += too_early(child, shimmed)
    return found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import diffusers", [1]),
        (f"import {SHIM}\nimport diffusers", []),
        (f"import diffusers\nimport {SHIM}", [1]),
        ("from v2v_studio.models import torchvision_shim\ndef f():\n    from timm.models import x", []),
        (f"def f():\n    import {SHIM}\ndef g():\n    from transformers import x", [4]),
        ("import_module('torchvision.ops')", [1]),
    ],
)
def test_what_too_early_means(source, lines):
    assert too_early(ast.parse(source)) == lines


def test_every_module_imports_it_before_what_needs_it():
    for path in sorted((ROOT / "v2v_studio").rglob("*.py")):
        if path.stem != "torchvision_shim":
            assert not too_early(ast.parse(path.read_text())), f"{path} imports {SHIM} too late, or not at all"
